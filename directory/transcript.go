package directory

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/BurntSushi/toml"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// CeremonyKind says what a ceremony was for.
type CeremonyKind string

// The ceremonies of a State. docs/ceremony.md
const (
	CeremonyFirst    CeremonyKind = "first"    // the first root is made
	CeremonyNext     CeremonyKind = "next"     // the next root is made, and the next entry announces it
	CeremonySwitch   CeremonyKind = "switch"   // the next root takes the place of the present one
	CeremonyRotation CeremonyKind = "rotation" // signing keys of nodes come onto the sheet
)

// Attendant is one person at a ceremony. Several may have one role, and one several.
type Attendant struct {
	// Role is "custodian", "reader" or "witness".
	Role string `toml:"role" json:"role"`
	Name string `toml:"name" json:"name"`
	// Office is absent where nobody says it.
	Office string `toml:"office,omitempty" json:"office,omitempty"`
}

// Deviation is a step of the script that was done otherwise, or not at all.
type Deviation struct {
	Step int    `toml:"step" json:"step"`
	Text string `toml:"text" json:"text"`
}

// Transcript is what is written down of a ceremony: who had which role, when, which keys, and what was
// done otherwise than the script says. It holds no secret.
type Transcript struct {
	Number      int            `toml:"number"`
	Kind        CeremonyKind   `toml:"kind"`
	Realm       string         `toml:"realm"`
	State       string         `toml:"state"`
	Began       time.Time      `toml:"began"`
	Ended       time.Time      `toml:"ended"`
	Protected   bool           `toml:"under_passphrase"`
	Before      string         `toml:"before"` // SHA-256 of the transcript before, empty for the first
	Attendants  []Attendant    `toml:"attendant"`
	Deviations  []Deviation    `toml:"deviation"`
	Root        keyText        `toml:"root"`
	NextRoot    *keyText       `toml:"next_root"`
	SigningKeys []signingEntry `toml:"signing_key"`
}

// Keys are the keys of a transcript by their use: "root", "next root", or an address.
func (t Transcript) Keys() (uses []string, ids []string) {
	uses, ids = []string{"root"}, []string{t.Root.KeyID}
	if t.NextRoot != nil {
		uses, ids = append(uses, "next root"), append(ids, t.NextRoot.KeyID)
	}
	for _, k := range t.SigningKeys {
		uses, ids = append(uses, t.State+"/"+k.Track), append(ids, k.KeyID)
	}
	return uses, ids
}

var aboutTranscript = subject{object: "transcript"}

// Bounds of a transcript. docs/ceremony.md
const (
	maxTranscripts   = 999
	maxAttendants    = 32
	maxDeviations    = 64
	maxTranscriptRow = 300
)

func transcriptFile(n int) string   { return fmt.Sprintf("ceremony-%d.toml", n) }
func transcriptSigned(n int) string { return fmt.Sprintf("ceremony-%d.signed", n) }

// CheckAttendance holds what people say of a ceremony against its bounds. The error is a *Refusal with
// BAD_DRAFT or BAD_TEXT.
func CheckAttendance(people []Attendant, deviations []Deviation) error {
	if len(people) > maxAttendants || len(deviations) > maxDeviations {
		return aboutTranscript.refuse(valisev1.Reason_REASON_BAD_DRAFT, "at most %d people and %d deviations are written down", maxAttendants, maxDeviations)
	}
	for _, a := range people {
		if a.Role != "custodian" && a.Role != "reader" && a.Role != "witness" {
			return aboutTranscript.refuse(valisev1.Reason_REASON_BAD_DRAFT, "the roles of a ceremony are custodian, reader and witness")
		}
		if err := checkRow(a.Name, a.Office); err != nil || a.Name == "" {
			return errors.Join(err, aboutTranscript.refuse(valisev1.Reason_REASON_BAD_DRAFT, "somebody without a name, or with a long one"))
		}
	}
	for _, d := range deviations {
		if err := checkRow(d.Text); err != nil || d.Text == "" || d.Step < 0 {
			return errors.Join(err, aboutTranscript.refuse(valisev1.Reason_REASON_BAD_DRAFT, "a deviation without words, or with too many"))
		}
	}
	return nil
}

func checkRow(texts ...string) error {
	for _, s := range texts {
		if err := plain(aboutTranscript, s); err != nil {
			return err
		}
		if len(s) > maxTranscriptRow {
			return aboutTranscript.refuse(valisev1.Reason_REASON_BAD_DRAFT, "a line longer than %d bytes", maxTranscriptRow)
		}
	}
	return nil
}

// RecordCeremony writes the transcript of a ceremony that has just been held in a folder, and signs it:
// with the root that the sheet names. What was written before stays. The error is a *Refusal, or an
// error of the file system.
func RecordCeremony(dir string, sheet KeySheet, root *seal.SigningKey, t Transcript) (Transcript, error) {
	if err := CheckAttendance(t.Attendants, t.Deviations); err != nil {
		return t, err
	}
	if root.Public().ID(sheet.Realm) != sheet.Root.ID {
		return t, aboutTranscript.refuse(valisev1.Reason_REASON_KEY_CHANGED, "the root is not the one of %s", KeySheetFile)
	}
	last, err := lastTranscript(dir)
	if err != nil {
		return t, err
	}
	t.Number, t.Realm, t.State = last+1, string(sheet.Realm), string(sheet.State)
	t.Began, t.Ended = t.Began.UTC().Truncate(time.Second), t.Ended.UTC().Truncate(time.Second)
	if last > 0 {
		before, err := os.ReadFile(filepath.Join(dir, transcriptFile(last)))
		if err != nil {
			return t, storage(err)
		}
		t.Before = hexSum(before)
	}
	if err := t.takeKeys(sheet); err != nil {
		return t, err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "# Transcript %d of the key ceremonies of this State. %s holds the same bytes and the root's signature:\n# valise key ceremony verify\n", t.Number, transcriptSigned(t.Number))
	if err := toml.NewEncoder(&text).Encode(t); err != nil {
		return t, storage(err)
	}
	signed, err := seal.SignObject(sheet.Realm, seal.PurposeTranscript, text.Bytes(), root)
	if err != nil {
		return t, err
	}
	b, err := encode(signed)
	if err != nil {
		return t, storage(err)
	}
	// The signature last: a transcript without one is begun again under its number.
	if err := writeDurably(realDisk{}, filepath.Join(dir, transcriptFile(t.Number)), text.Bytes()); err != nil {
		return t, storage(err)
	}
	return t, storage(writeDurably(realDisk{}, filepath.Join(dir, transcriptSigned(t.Number)), b))
}

func (t *Transcript) takeKeys(sheet KeySheet) (err error) {
	if t.Root, err = textOf(sheet.Root); err != nil {
		return err
	}
	if !sheet.NextRoot.Key.IsZero() {
		next, err := textOf(sheet.NextRoot)
		if err != nil {
			return err
		}
		t.NextRoot = &next
	}
	for _, k := range sheet.Signing {
		line, err := signingLine(k)
		if err != nil {
			return err
		}
		t.SigningKeys = append(t.SigningKeys, line)
	}
	return nil
}

// lastTranscript is the number of the newest that is signed, 0 where there is none.
func lastTranscript(dir string) (int, error) {
	for n := range maxTranscripts {
		if _, err := os.Stat(filepath.Join(dir, transcriptSigned(n+1))); errors.Is(err, fs.ErrNotExist) {
			return n, nil
		} else if err != nil {
			return 0, storage(err)
		}
	}
	return 0, aboutTranscript.refuse(valisev1.Reason_REASON_TOO_LARGE, "the folder holds %d transcripts", maxTranscripts)
}

// VerifyCeremonies checks every transcript of a folder: that a root signed its exact bytes, that each
// names the one before, that every other root was announced by the one before it, and that the last
// root is the one of the sheet. The error is a *Refusal: NOT_FOUND without a transcript,
// BAD_SIGNATURE, MIXED, CHAIN or RECORD_DAMAGED.
func VerifyCeremonies(dir string, sheet KeySheet) ([]Transcript, error) {
	last, err := lastTranscript(dir)
	if err != nil {
		return nil, err
	}
	if last == 0 {
		return nil, aboutTranscript.refuse(valisev1.Reason_REASON_NOT_FOUND, "no ceremony was written down in this folder")
	}
	var all []Transcript
	before := ""
	for n := 1; n <= last; n++ {
		t, text, err := verifyTranscript(dir, sheet, n)
		if err != nil {
			return nil, err
		}
		if t.Number != n || t.Before != before {
			return nil, aboutTranscript.refuse(valisev1.Reason_REASON_CHAIN, "transcript %d does not follow from the one before it", n)
		}
		if n > 1 && !all[n-2].leadsTo(t) {
			return nil, aboutTranscript.refuse(valisev1.Reason_REASON_CHAIN, "transcript %d names a root that the one before it did not announce", n)
		}
		before, all = hexSum(text), append(all, t)
	}
	if all[last-1].Root.KeyID != sheet.Root.ID.String() {
		return nil, aboutTranscript.refuse(valisev1.Reason_REASON_CHAIN, "the newest transcript names another root than %s", KeySheetFile)
	}
	return all, nil
}

// leadsTo: the root stays, or the one that was announced takes its place in a switch.
func (t Transcript) leadsTo(next Transcript) bool {
	if next.Kind == CeremonySwitch {
		return t.NextRoot != nil && next.Root.KeyID == t.NextRoot.KeyID
	}
	return next.Root.KeyID == t.Root.KeyID && next.Kind != CeremonyFirst
}

func verifyTranscript(dir string, sheet KeySheet, n int) (t Transcript, text []byte, err error) {
	text, err = readBounded(filepath.Join(dir, transcriptFile(n)), seal.MaxObject)
	if err != nil {
		return t, nil, err
	}
	b, err := readBounded(filepath.Join(dir, transcriptSigned(n)), maxObjectSize)
	if err != nil {
		return t, nil, err
	}
	if text == nil || b == nil {
		return t, nil, aboutTranscript.refuse(valisev1.Reason_REASON_RECORD_DAMAGED, "transcript %d is not whole", n)
	}
	o := &valisev1.SignedObject{}
	if err := decode(aboutTranscript, b, maxObjectSize, closed, o); err != nil {
		return t, nil, err
	}
	if !bytes.Equal(o.GetObject(), text) {
		return t, nil, aboutTranscript.refuse(valisev1.Reason_REASON_MIXED, "%s holds other bytes than were signed", transcriptFile(n))
	}
	if err := decodeStrict(text, &t); err != nil {
		return t, nil, damaged("transcript %d cannot be read: %w", n, err)
	}
	if err := inRealm(aboutTranscript, sheet.Realm, t.Realm); err != nil {
		return t, nil, err
	}
	if t.State != string(sheet.State) {
		return t, nil, aboutTranscript.refuse(valisev1.Reason_REASON_MIXED, "transcript %d is of another State", n)
	}
	root, err := t.Root.read(sheet.Realm)
	if err != nil {
		return t, nil, err
	}
	ids, err := signers(aboutTranscript, sheet.Realm, seal.PurposeTranscript, o, map[ident.KeyID]seal.PublicKey{root.ID: root.Key})
	if err == nil && len(ids) == 0 {
		err = aboutTranscript.refuse(valisev1.Reason_REASON_BAD_SIGNATURE, "transcript %d is not signed by the root it names", n)
	}
	return t, text, err
}

func hexSum(b []byte) string {
	h := seal.ObjectDigest(b)
	return hex.EncodeToString(h[:])
}
