package node

import (
	"errors"
	"path/filepath"
	"strconv"
	"time"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// Verdict says whether this program can use a part of a home.
type Verdict string

// The verdicts.
const (
	Same       Verdict = "same"
	Migrates   Verdict = "migrates"   // it is led forward when a node runs on it
	TooNew     Verdict = "too_new"    // a later version wrote it
	Unreadable Verdict = "unreadable" // it is not what any version wrote, or cannot be reached
	NotRead    Verdict = "not_read"   // it was not looked at, and Detail says why
)

// UpgradePart is what one part of a home has, and what this program reads and writes.
type UpgradePart struct {
	Name    string
	Reads   []string // every version that is read
	Writes  string
	Has     string // empty: it has none, or it is not known
	Verdict Verdict
	Detail  string // why, where the verdict does not say all
	// Why is the reason of a verdict that stops a node.
	Why valisev1.Reason
}

// UpgradeReport says whether this program can use a home.
type UpgradeReport struct {
	Verdict Verdict
	Parts   []UpgradePart
	// Steps are what would be done to the home, in order.
	Steps []string
	// Why is the reason for which a node of this version does not run on it.
	Why valisev1.Reason
}

// UpgradeConfig says which home to look at.
type UpgradeConfig struct {
	Dir        string
	Passphrase []byte
	Now        func() time.Time
	// Running is the status of the node that runs on the home; nil where none answers.
	Running *valisev1.GetStatusResponse
}

// CheckUpgrade looks which versions a home has and whether this program can use it, whether a node, also
// one of another version, runs on it or not. It changes nothing. docs/protocol.md §9.5
func CheckUpgrade(c UpgradeConfig) (UpgradeReport, error) {
	format, err := homeFormat(c.Dir)
	home := UpgradePart{Name: "home", Reads: upTo(HomeFormat), Writes: strconv.Itoa(HomeFormat)}
	home.judge(format, HomeFormat, err)
	config, keys := configAndKeys(c, home.Verdict)
	if ReasonOf(config.missing) == valisev1.Reason_REASON_NOT_FOUND {
		return UpgradeReport{}, config.missing
	}
	protocol := ProtocolVersion()
	r := UpgradeReport{Parts: []UpgradePart{
		home, recordPart(c), config.UpgradePart, keys,
		{Name: "backup", Reads: upTo(backupFormat), Writes: strconv.Itoa(backupFormat), Verdict: Same},
		{Name: "protocol", Reads: []string{strconv.FormatUint(uint64(seal.MajorVersion), 10)}, Writes: protocol, Verdict: Same},
	}}
	r.conclude()
	if r.Verdict == Migrates {
		for _, s := range homeSteps {
			if s.to > format {
				r.Steps = append(r.Steps, s.what)
			}
		}
	}
	return r, nil
}

func upTo(n int) (all []string) {
	for i := 1; i <= n; i++ {
		all = append(all, strconv.Itoa(i))
	}
	return all
}

// judge compares what a part has with the newest that this program reads.
func (p *UpgradePart) judge(has, newest int, err error) {
	switch {
	case err != nil:
		p.unreadable(err)
		return
	case has > newest:
		p.Verdict, p.Why = TooNew, valisev1.Reason_REASON_LATER_VERSION
	case has < newest:
		p.Verdict = Migrates
	default:
		p.Verdict = Same
	}
	p.Has = strconv.Itoa(has)
}

func (p *UpgradePart) unreadable(err error) {
	p.Verdict, p.Why, p.Detail = Unreadable, ReasonOf(err), sentence(err)
	if p.Why == valisev1.Reason_REASON_LATER_VERSION {
		p.Verdict = TooNew
	}
}

// recordPart asks the node where one runs: it alone reads the file then.
func recordPart(c UpgradeConfig) UpgradePart {
	p := UpgradePart{Name: "record", Reads: upTo(store.Format), Writes: strconv.Itoa(store.Format)}
	if c.Running != nil {
		p.judge(max(int(c.Running.GetRecordFormat()), 1), store.Format, nil)
		return p
	}
	n, err := store.FormatOf(filepath.Join(c.Dir, recordFile), c.Now)
	if errors.Is(err, store.ErrInUse) {
		p.Verdict, p.Why = NotRead, valisev1.Reason_REASON_HOME_IN_USE
		p.Detail = "another process holds the record, and no node answers at the door"
		return p
	}
	p.judge(int(n), store.Format, err)
	return p
}

type configPart struct {
	UpgradePart
	missing error // there is no home
}

// configAndKeys have no numbers of their own that tell an earlier version from this one: they belong to
// the form of the home, and are read as a start reads them.
func configAndKeys(c UpgradeConfig, home Verdict) (config configPart, keys UpgradePart) {
	config.UpgradePart = UpgradePart{Name: "configuration", Reads: []string{"1"}, Writes: "1", Verdict: NotRead, Detail: "only a version that knows the home can read it"}
	keys = UpgradePart{Name: "keys", Reads: []string{"1"}, Writes: "1", Verdict: NotRead, Detail: config.Detail}
	if home == TooNew || home == Unreadable {
		return config, keys
	}
	if _, err := readConfig(c.Dir); err != nil {
		config.unreadable(err)
		if isMissing(c.Dir) {
			config.missing = &Fault{Why: valisev1.Reason_REASON_NOT_FOUND, Detail: "there is no home of a node here"}
		}
		keys.Detail = "the configuration says which there are"
		return config, keys
	}
	config.Verdict, config.Has, config.Detail = Same, "1", ""
	switch _, err := OpenHome(c.Dir, c.Passphrase); {
	case errors.Is(err, seal.ErrPassphraseNeeded):
		keys.Detail = "they are under a passphrase: --passphrase-file names it"
	case err != nil:
		keys.unreadable(err)
	default:
		keys.Verdict, keys.Has, keys.Detail = Same, "1", ""
	}
	return config, keys
}

// conclude takes the worst of what the parts say; what was not read for want of a passphrase stops
// nobody.
func (r *UpgradeReport) conclude() {
	r.Verdict = Same
	worst := []Verdict{Migrates, NotRead, Unreadable, TooNew}
	rank := 0
	for _, p := range r.Parts {
		for i, v := range worst {
			if p.Verdict == v && i+1 > rank && (v == Migrates || p.Why != valisev1.Reason_REASON_UNSPECIFIED) {
				rank, r.Verdict, r.Why = i+1, v, p.Why
			}
		}
	}
}
