package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"valise.example/api/locale"
	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Level of a Finding.
type Level string

// The levels.
const (
	Good Level = "ok"
	Warn Level = "warn" // works, and should be looked at
	Bad  Level = "bad"  // does not work, or is not safe; change it
)

// Finding is one thing that Doctor looked at. Found has it for whoever reads another language.
type Finding struct {
	Level Level
	What  string // what is so, in an English sentence
	Fix   string // what to do, in English; empty for Good
	Found locale.Found
	// Integrity says that the record is not what was written. docs/protocol.md §10
	Integrity bool
}

// DoctorConfig says which home to look at.
type DoctorConfig struct {
	Dir        string
	Passphrase []byte
	Now        func() time.Time
	// Running is the status of the node that runs on the home; nil where none answers.
	Running *valisev1.GetStatusResponse
}

// doctor collects findings of one home.
type doctor struct {
	config DoctorConfig
	found  []Finding
	home   *Home           // nil while the keys cannot be opened
	book   *directory.Book // nil where it cannot be opened
	newest time.Time       // the newest signed date that was seen
	backup time.Time       // of the last backup that is known
}

func (d *doctor) good(code string, a ...*valisev1.WarningArgument) { d.add(Good, code, a...) }

func (d *doctor) add(level Level, code string, a ...*valisev1.WarningArgument) {
	d.put(level, locale.Found{Code: code, Arguments: a})
}

// fault is add for what an error says more of.
func (d *doctor) fault(level Level, code string, err error, a ...*valisev1.WarningArgument) {
	d.put(level, locale.Found{Code: code, Arguments: a, Why: ReasonOf(err), Detail: sentence(err)})
}

// put adds the English sentences. What is good has nothing to do.
func (d *doctor) put(level Level, found locale.Found) {
	english := locale.Of(locale.English)
	what, fix := english.Found(found, d.config.Now())
	d.found = append(d.found, Finding{Level: level, What: english.Plain(what), Fix: english.Plain(fix), Found: found})
}

// Doctor looks at a home, whether a node runs on it or not, names what is wrong and says what to
// do. It changes nothing and shows no content. An error means that there is no home to look at.
// docs/protocol.md §12.3
func Doctor(ctx context.Context, c DoctorConfig) ([]Finding, error) {
	if isMissing(c.Dir) {
		return nil, &Fault{Why: valisev1.Reason_REASON_NOT_FOUND, Detail: "there is no home of a node here"}
	}
	d := &doctor{config: c}
	d.checkFiles()
	d.checkConfig()
	if d.home == nil {
		return d.found, nil
	}
	d.checkSealingKeys()
	d.checkDirectory()
	d.checkRecord(ctx)
	d.checkDisk()
	d.checkClock()
	d.checkRelay(ctx)
	d.checkBackup()
	return d.found, nil
}

// isMissing reports that no home stands in a folder.
func isMissing(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, configFile))
	return errors.Is(err, fs.ErrNotExist)
}

// checkFiles looks at every file and folder of the home: none may be a link, of another user, or
// open to others.
func (d *doctor) checkFiles() {
	before := len(d.found)
	err := filepath.WalkDir(d.config.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // taken away meanwhile
		}
		if err != nil {
			return err
		}
		d.checkFile(path, info)
		return nil
	})
	if err != nil {
		d.add(Bad, "home_unreadable")
	}
	if len(d.found) == before {
		d.good("files_good")
	}
}

// maxFileFindings bounds what a home that was copied without its permissions has to say.
const maxFileFindings = 20

func (d *doctor) checkFile(path string, info fs.FileInfo) {
	name, err := filepath.Rel(d.config.Dir, path)
	if err != nil || len(d.found) >= maxFileFindings {
		return
	}
	home := name == "."
	switch mode := info.Mode(); {
	case mode.Type() == fs.ModeSocket:
	case mode.Type() != 0 && !mode.IsDir() && home:
		d.add(Bad, "home_not_plain")
	case mode.Type() != 0 && !mode.IsDir():
		d.add(Bad, "file_not_plain", withName("file", name))
	case !isOpen(mode, name):
	case home:
		d.add(Bad, "home_open")
	default:
		d.add(Bad, "file_open", withName("file", name))
	}
}

// isOpen reports that others may read what is ours alone, or write anything.
func isOpen(mode fs.FileMode, name string) bool {
	secret := mode.IsDir() || strings.HasPrefix(name, keysFolder) || name == recordFile
	return mode.Perm()&0o077 != 0 && secret || mode.Perm()&0o022 != 0
}

// checkConfig reads configuration and keys, as a start would.
func (d *doctor) checkConfig() {
	if _, err := readConfig(d.config.Dir); ReasonOf(err) == valisev1.Reason_REASON_LATER_VERSION {
		d.fault(Bad, "config_later", err)
		return
	} else if err != nil {
		d.fault(Bad, "config_bad", err)
		return
	}
	d.good("config_good", withName("file", configFile))
	if format, err := homeFormat(d.config.Dir); err == nil && format < HomeFormat {
		d.add(Warn, "format_older", withNumber("has", uint64(format)), withNumber("next", HomeFormat))
	}
	home, err := OpenHome(d.config.Dir, d.config.Passphrase)
	switch {
	case errors.Is(err, seal.ErrPassphraseNeeded):
		d.add(Warn, "keys_locked")
	case err != nil:
		d.fault(Bad, "keys_unreadable", err)
	default:
		d.home = home
		d.good("keys_good")
	}
}

// sentence is an error without the name of the room that it comes from.
func sentence(err error) string {
	text := err.Error()
	for _, room := range []string{"node: ", "seal: ", "store: ", "directory: "} {
		text = strings.TrimPrefix(text, room)
	}
	return text
}

// checkSealingKeys says how long mail to this home can still be sealed.
func (d *doctor) checkSealingKeys() {
	now := d.config.Now()
	for _, track := range d.home.config.Tracks {
		current, ok := d.home.keys.currentSealing(track, now)
		if !ok {
			d.add(Bad, "sealing_missing", withName("track", track.String()))
			continue
		}
		desk, made, ends := withName("track", track.String()), withDay("made", current.made), withDay("ends", current.ends())
		switch left := current.ends().Sub(now); {
		case left <= 0:
			d.add(Bad, "sealing_ended", desk, ends)
		case left < sealingWarning:
			d.add(Warn, "sealing_ends", desk, made, ends)
		default:
			d.good("sealing_good", desk, made, ends)
		}
	}
}

// checkDirectory says which list is in force.
func (d *doctor) checkDirectory() {
	book, err := d.home.Directory()
	if err != nil {
		d.fault(Bad, "directory_unusable", err)
		return
	}
	d.book = book
	snapshot, now := book.Snapshot(), d.config.Now()
	if snapshot.Number() == 0 {
		d.add(Warn, "directory_none")
		return
	}
	issued, expires := snapshot.Dates()
	d.seen(issued)
	level, code := Good, "directory_good"
	if snapshot.Stale(now) {
		level, code = Warn, "directory_stale"
	}
	d.add(level, code, withNumber("number", snapshot.Number()), withDay("issued", issued), withDay("expires", expires))
	if _, ok := snapshot.Entry(d.home.config.State); !ok {
		d.add(Warn, "entry_missing")
	}
	if changed := snapshot.KeyChanged(); len(changed) > 0 {
		d.add(Warn, "roots_unconfirmed", withNumber("number", uint64(len(changed))))
	}
}

// seen keeps the newest date that somebody signed.
func (d *doctor) seen(t time.Time) {
	if t.After(d.newest) {
		d.newest = t
	}
}
