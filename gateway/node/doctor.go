package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

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

// Finding is one thing that Doctor looked at.
type Finding struct {
	Level Level
	What  string // what is so, in a sentence
	Fix   string // what to do, empty for Good
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

func (d *doctor) good(what string, a ...any) {
	d.found = append(d.found, Finding{Level: Good, What: fmt.Sprintf(what, a...)})
}

func (d *doctor) add(level Level, fix, what string, a ...any) {
	d.found = append(d.found, Finding{Level: level, What: fmt.Sprintf(what, a...), Fix: fix})
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
		d.add(Bad, "make the home readable for the user of the node", "the home cannot be read to its end")
	}
	if len(d.found) == before {
		d.good("folders and files are this user's alone")
	}
}

// maxFileFindings bounds what a home that was copied without its permissions has to say.
const maxFileFindings = 20

func (d *doctor) checkFile(path string, info fs.FileInfo) {
	name, err := filepath.Rel(d.config.Dir, path)
	if err != nil || len(d.found) >= maxFileFindings {
		return
	}
	if name == "." {
		name = "the home"
	}
	switch mode := info.Mode(); {
	case mode.Type() == fs.ModeSocket:
	case mode.Type() != 0 && !mode.IsDir():
		d.add(Bad, "put the file itself there", "%s is a link or no plain file", name)
	case mode.Perm()&0o077 != 0 && (mode.IsDir() || strings.HasPrefix(name, keysFolder) || name == recordFile), mode.Perm()&0o022 != 0:
		d.add(Bad, "chmod go-rwx "+name+"; if others may have read a key, make the home anew", "%s is open to others", name)
	}
}

// checkConfig reads configuration and keys, as a start would.
func (d *doctor) checkConfig() {
	if _, err := readConfig(d.config.Dir); ReasonOf(err) == valisev1.Reason_REASON_LATER_VERSION {
		d.add(Bad, "run the version that wrote it, or restore a backup from before the upgrade", "%s", sentence(err))
		return
	} else if err != nil {
		d.add(Bad, "put the line right; the node does not start with it", "%s", sentence(err))
		return
	}
	d.good("%s can be read", configFile)
	if format, err := homeFormat(d.config.Dir); err == nil && format < HomeFormat {
		d.add(Warn, "valise node upgrade check says what it does; valise node run does it, with a backup first", "the home has format %d and is led forward to %d at the next start", format, HomeFormat)
	}
	home, err := OpenHome(d.config.Dir, d.config.Passphrase)
	switch {
	case errors.Is(err, seal.ErrPassphraseNeeded):
		d.add(Warn, "name it with --passphrase-file to have everything checked", "the keys are under a passphrase and were not read")
	case err != nil:
		d.add(Bad, "put the key files back from a backup", "the keys cannot be read: %s", sentence(err))
	default:
		d.home = home
		d.good("the keys can be read")
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
			d.add(Bad, "restore the home from a backup, which makes new ones", "the %s desk has no sealing key: its mail cannot be opened", track)
			continue
		}
		made, ends := current.made, current.ends()
		switch left := ends.Sub(now); {
		case left <= 0:
			d.add(Bad, "let the node run, which makes a new one, or valise key rotate", "the sealing key of the %s desk ended on %s: nobody can write to it", track, ends.Format(time.DateOnly))
		case left < sealingWarning:
			d.add(Warn, "let the node run, which makes a new one, or valise key rotate", "the sealing key of the %s desk, made on %s, ends on %s", track, made.Format(time.DateOnly), ends.Format(time.DateOnly))
		default:
			d.good("the sealing key of the %s desk was made on %s and ends on %s", track, made.Format(time.DateOnly), ends.Format(time.DateOnly))
		}
	}
}

// checkDirectory says which list is in force.
func (d *doctor) checkDirectory() {
	book, err := d.home.Directory()
	if err != nil {
		d.add(Bad, "import the newest directory file again", "the directory cannot be used: %s", sentence(err))
		return
	}
	d.book = book
	snapshot, now := book.Snapshot(), d.config.Now()
	if snapshot.Number() == 0 {
		d.add(Warn, "valise directory import", "no directory has been imported: nobody can be written to yet")
		return
	}
	issued, expires := snapshot.Dates()
	d.seen(issued)
	if snapshot.Stale(now) {
		d.add(Warn, "ask the manager for a new one and import it", "the directory list %d of %s is past its date, %s", snapshot.Number(), issued.Format(time.DateOnly), expires.Format(time.DateOnly))
	} else {
		d.good("the directory list %d of %s is good until %s", snapshot.Number(), issued.Format(time.DateOnly), expires.Format(time.DateOnly))
	}
	if _, ok := snapshot.Entry(d.home.config.State); !ok {
		d.add(Warn, "valise directory entry export, and give it to the manager", "the directory has no entry of our own State: nobody can write to us")
	}
	if changed := snapshot.KeyChanged(); len(changed) > 0 {
		d.add(Warn, "call them back, then valise directory confirm", "%d States have a new root that nobody has confirmed", len(changed))
	}
}

// seen keeps the newest date that somebody signed.
func (d *doctor) seen(t time.Time) {
	if t.After(d.newest) {
		d.newest = t
	}
}
