package locale

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"

	valisev1 "valise.example/proto/valise/v1"
)

//go:embed catalogs/*.toml catalogs/*/*.toml
var files embed.FS

// reasonPrefix stands before every name of the enum and not in a catalog.
const reasonPrefix = "REASON_"

// Catalog is every text of this program in one language.
type Catalog struct {
	language Language
	review   Review
	written  written
}

// Review says who has read a whole catalog and stands by it; its zero value is that nobody has.
type Review struct {
	By string    // name and office
	On time.Time // a day, by UTC
}

// written is a catalog as it stands in its file.
type written struct {
	Language     string                   `toml:"language"`
	ReviewedBy   string                   `toml:"reviewed_by"`
	ReviewedOn   string                   `toml:"reviewed_on"`
	ReviewedText string                   `toml:"reviewed_text"`
	Reason       map[string]writtenReason `toml:"reason"`
	Call         struct {
		Attention message `toml:"attention"`
		AllQuiet  message `toml:"all_quiet"`
		Exercise  message `toml:"exercise"`
	} `toml:"call"`
	Terminal struct {
		Hint        message `toml:"hint"`
		Interrupted message `toml:"interrupted"`
		Mistyped    message `toml:"mistyped"`
		Unproven    message `toml:"unproven"`
	} `toml:"terminal"`
	Vocabulary Vocabulary `toml:"vocabulary"`
	Page       Page       `toml:"page"`
	Command    Command    `toml:"command"`
	Told       Told       `toml:"told"`
	Report     Report     `toml:"report"`
}

type writtenReason struct {
	Sentence *string `toml:"sentence"`
	Hint     *string `toml:"hint"`
}

// slot is a text that the program asks for, and what it fills into it.
type slot struct {
	key     string
	message *message
	counted bool     // filled with {count}
	values  []string // the names of the other places to fill
}

func (s slot) places() []string {
	all := append([]string{}, s.values...)
	if s.counted {
		all = append(all, "count")
	}
	slices.Sort(all)
	return all
}

// slots are all texts but those of the Reasons.
func (w *written) slots() []slot {
	return slices.Concat([]slot{
		{key: "call.attention", message: &w.Call.Attention},
		{key: "call.all_quiet", message: &w.Call.AllQuiet},
		{key: "call.exercise", message: &w.Call.Exercise},
		{key: "terminal.hint", message: &w.Terminal.Hint, values: []string{"hint"}},
		{key: "terminal.interrupted", message: &w.Terminal.Interrupted},
		{key: "terminal.mistyped", message: &w.Terminal.Mistyped, values: []string{"row"}},
		{key: "terminal.unproven", message: &w.Terminal.Unproven, counted: true},
	}, textSlots("vocabulary", &w.Vocabulary, w.language()), textSlots("page", &w.Page, w.language()), textSlots("command", &w.Command, w.language()), textSlots("told", &w.Told, w.language()), textSlots("report", &w.Report, w.language()))
}

// language is the one of the file; English where it names none that there is, which Parse refuses.
func (w *written) language() Language {
	l, err := ParseLanguage(w.Language)
	if err != nil {
		return English
	}
	return l
}

// loaders read each catalog once, when it is first asked for.
var loaders = func() map[Language]func() *Catalog {
	all := map[Language]func() *Catalog{}
	for _, l := range Languages() {
		all[l] = sync.OnceValue(func() *Catalog {
			c, err := Parse(Source(l))
			if err != nil {
				return &Catalog{language: l} // a test reads all of them, so that no release has this
			}
			return c
		})
	}
	return all
}()

// Of is the catalog of l; that of English where this version has not the texts of l.
func Of(l Language) *Catalog {
	if load, ok := loaders[l]; ok && !l.facts().withdrawn {
		return load()
	}
	return loaders[English]()
}

// Source is the catalog of l as it was written, for tools of translators: its own file, and the files of
// its folder after that by their names.
func Source(l Language) []byte {
	all, err := files.ReadFile("catalogs/" + l.String() + ".toml")
	if err != nil {
		return nil // what is shipped has a file: a test says so
	}
	parts, err := files.ReadDir("catalogs/" + l.String())
	if err != nil {
		return nil
	}
	for _, part := range parts {
		b, err := files.ReadFile("catalogs/" + l.String() + "/" + part.Name())
		if err != nil {
			return nil
		}
		all = append(append(all, '\n'), b...)
	}
	return all
}

var (
	plainKey  = regexp.MustCompile(`^[a-z_]+$`)
	reasonKey = regexp.MustCompile(`^[A-Z_]+$`)
)

// Parse reads a catalog strictly: an unknown key, a text or a plural form that is missing or too many,
// and a place to fill that the program does not know are errors. It does not compare it with English.
func Parse(b []byte) (*Catalog, error) {
	var w written
	meta, err := toml.Decode(string(b), &w)
	if err != nil {
		return nil, fmt.Errorf("locale: a catalog cannot be read: %w", err)
	}
	unknown := meta.Undecoded()
	for _, key := range meta.Keys() {
		spelled := plainKey
		if len(key) == 2 && key[0] == "reason" {
			spelled = reasonKey
		}
		if !spelled.MatchString(key[len(key)-1]) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("locale: a catalog has no key %.60q", unknown[0].String())
	}
	c := &Catalog{written: w}
	if c.language, err = ParseLanguage(w.Language); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	c.review, err = w.review()
	return c, err
}

func (c *Catalog) check() error {
	for _, s := range c.written.slots() {
		if err := s.message.check(c.language, s); err != nil {
			return fmt.Errorf("locale: %s: %s %w", c.language, s.key, err)
		}
	}
	for name := range c.written.Reason {
		if _, known := valisev1.Reason_value[reasonPrefix+name]; !known {
			return fmt.Errorf("locale: %s: there is no reason %.60q", c.language, name)
		}
	}
	for number, name := range valisev1.Reason_name {
		if err := c.written.Reason[strings.TrimPrefix(name, reasonPrefix)].check(); number != 0 && err != nil {
			return fmt.Errorf("locale: %s: %s %w", c.language, name, err)
		}
	}
	return nil
}

func (r writtenReason) check() error {
	switch {
	case r.Sentence == nil || r.Hint == nil:
		return errors.New("lacks its sentence or its hint, which may be empty")
	case strings.TrimSpace(*r.Sentence) == "":
		return errors.New("has an empty sentence")
	case len(places(*r.Sentence+*r.Hint)) > 0:
		return errors.New("has a place to fill, and nothing is filled into it")
	}
	return nil
}

// review reads the head of a catalog: all three keys, or none. A review of other texts than these is
// none, and has to be taken out or repeated.
func (w *written) review() (Review, error) {
	if w.ReviewedBy == "" && w.ReviewedOn == "" && w.ReviewedText == "" {
		return Review{}, nil
	}
	on, err := time.Parse(time.DateOnly, w.ReviewedOn)
	if err != nil || strings.TrimSpace(w.ReviewedBy) == "" {
		return Review{}, fmt.Errorf("locale: %s: a review has a name, and a day such as 2026-05-03", w.Language)
	}
	if want := w.digest(); w.ReviewedText != want {
		return Review{}, fmt.Errorf("locale: %s: the texts are not the ones that were reviewed: theirs is %s", w.Language, want)
	}
	return Review{By: w.ReviewedBy, On: on}, nil
}

// digest names the texts of a catalog: the first 16 hexadecimal digits of a SHA-256 over all of them.
func (w *written) digest() string {
	h := sha256.New()
	for _, t := range w.all() {
		_, _ = io.WriteString(h, t.key+"\x00"+t.text+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// all lists every text that is not empty, the same in every run.
func (w *written) all() (list []keyed) {
	for _, s := range w.slots() {
		for _, t := range s.message.texts() {
			list = append(list, keyed{s.key + "." + t.key, t.text})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.Reason)) {
		r := w.Reason[name]
		list = append(list, keyed{"reason." + name + ".sentence", *r.Sentence})
		if *r.Hint != "" {
			list = append(list, keyed{"reason." + name + ".hint", *r.Hint})
		}
	}
	return list
}
