package directory

import (
	"regexp"
	"time"

	"golang.org/x/text/language"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// CheckFacts holds facts against everything that can be known of them before they are signed, and is
// stricter than the reading of what others signed: a slip is found by its own State. Absent facts are
// right everywhere. The error is a *Refusal with BAD_DRAFT. A-7a, A-10b, docs/protocol.md §8.1
func CheckFacts(f EntryFacts) error {
	body, err := BuildEntry(f, EntryConfig{Number: 1})
	if err != nil {
		return err
	}
	for _, p := range f.Points {
		if err := checkPoint(p); err != nil {
			return err
		}
	}
	// The rules of the contract want a root of some form; which one it is comes with the signature.
	body.Root = &valisev1.PublicKey{Suite: uint32(seal.SuiteEd25519MLDSA65), Ed25519: make([]byte, 32), Mldsa65: make([]byte, 1952)}
	if err := obey(aboutFacts, body); err != nil {
		return draftOf(err)
	}
	if err := checkFacts(aboutFacts, body); err != nil {
		return draftOf(err)
	}
	if !f.ValidFrom.IsZero() && !f.ReviewBy.IsZero() && !f.ReviewBy.After(f.ValidFrom) {
		return badFact("review_by is not after valid_from")
	}
	if err := checkTexts("the name of the State", f.Names); err != nil {
		return err
	}
	for _, p := range f.Points {
		if _, err := ident.ParseAddress(f.State + "/" + p.Track); err != nil {
			return badFact("%s has no %s track", f.State, p.Track)
		}
	}
	return nil
}

func badFact(format string, args ...any) error {
	return aboutFacts.refuse(valisev1.Reason_REASON_BAD_DRAFT, format, args...)
}

func draftOf(err error) error {
	if reasonOf(err) == valisev1.Reason_REASON_PAYLOAD {
		return badFact("%w", err)
	}
	return err
}

var (
	// bareEmail is an email address as people write it, without a name or brackets around it.
	bareEmail = regexp.MustCompile(`^[^\s@<>"(),:;\\]+@[^\s@<>"(),:;\\]+$`)
	e164      = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

func checkPoint(p PointFacts) error {
	for _, tag := range p.Languages {
		if err := checkLanguage(tag); err != nil {
			return err
		}
	}
	for _, number := range p.Telephones {
		if !e164.MatchString(number) {
			return badFact("a telephone number is not in E.164: a plus and 7 to 15 digits, nothing between")
		}
	}
	for _, address := range p.Emails {
		if !bareEmail.MatchString(address) {
			return badFact("an email address has no form of one")
		}
	}
	if p.TimeZone != "" {
		if _, err := loadZone(p.TimeZone); err != nil {
			return badFact("%w", err)
		}
	}
	if _, err := parseOpen(p.Open); err != nil {
		return badFact("%w", err)
	}
	if len(p.Open) > 0 && p.TimeZone == "" {
		return badFact("opening hours for machines need the time zone in which they hold")
	}
	for _, list := range [][]string{p.Telephones, p.Emails, p.Languages, p.Labels} {
		if err := checkOnce(list); err != nil {
			return err
		}
	}
	if err := checkTexts("the institution", p.Entity); err != nil {
		return err
	}
	return checkTexts("the designation", p.Designation)
}

func checkOnce(list []string) error {
	seen := map[string]bool{}
	for _, s := range list {
		if s == "" || seen[s] {
			return badFact("a list names something twice, or nothing")
		}
		seen[s] = true
	}
	return nil
}

// checkLanguage takes any language that has a tag, not only those of the United Nations. A-7a-iii
func checkLanguage(tag string) error {
	if _, err := language.Parse(tag); err != nil || !languageTag.MatchString(tag) {
		return badFact("%.40q is no BCP 47 language tag, such as en, fr or zh-Hans", tag)
	}
	return nil
}

// checkTexts wants each language once, and no translation without what it translates. A-7a-iv
func checkTexts(what string, all []TextFact) error {
	seen, original := map[string]bool{}, false
	for _, t := range all {
		if err := checkLanguage(t.Language); err != nil {
			return err
		}
		if seen[t.Language] {
			return badFact("%s stands twice in one language", what)
		}
		seen[t.Language] = true
		original = original || !t.Courtesy
	}
	if len(all) > 0 && !original {
		return badFact("%s stands there only as an unofficial translation, without the text that is translated", what)
	}
	return nil
}

// official are the languages of which A-7a-iv speaks.
var official = language.NewMatcher([]language.Tag{language.Arabic, language.Chinese, language.English, language.French, language.Russian, language.Spanish})

// Advise says what other States would miss; each line is advice, and nothing is refused for it. A-10b
func Advise(f EntryFacts, now time.Time) (lines []string) {
	add := func(line string) { lines = append(lines, line) }
	if len(f.Names) == 0 {
		add("the State has no name in any language. A-7a-iv")
	}
	if f.NominatingAuthority == "" || f.NoteVerbale == "" {
		add("nobody can see who nominated, and by which note verbale. A-7d")
	}
	switch {
	case f.ReviewBy.IsZero():
		add("nobody is reminded to look the entry through: review_by is not there. A-8")
	case !f.ReviewBy.After(now):
		add("review_by has passed already. A-8")
	}
	desks := map[string]bool{}
	for _, p := range f.Points {
		desks[p.Track] = true
		for _, line := range advisePoint(p) {
			add("the " + p.Track + " point of contact " + line)
		}
	}
	for _, t := range []ident.Track{ident.Diplomatic, ident.Technical} {
		if !desks[t.String()] && !ident.State(f.State).IsPrincipal() {
			add("there is no " + t.String() + " point of contact, where one is possible. A-7a-i")
		}
	}
	return lines
}

func advisePoint(p PointFacts) (lines []string) {
	if len(p.Telephones) == 0 {
		lines = append(lines, "has no telephone: the procedure begins with a call. A-7a-iii, I-1")
	}
	if len(p.Emails) == 0 {
		lines = append(lines, "has no email address. A-7a-iii")
	}
	if len(p.Languages) == 0 {
		lines = append(lines, "names no operational language. A-7a-iii")
	}
	if len(p.Open) == 0 {
		lines = append(lines, "does not say its hours for machines, so nobody sees whether it is open now")
	}
	for _, texts := range [][]TextFact{p.Entity, p.Designation} {
		if len(texts) > 0 && !inOfficial(texts) {
			lines = append(lines, "has a text in none of the six official languages. A-7a-iv")
		}
	}
	return lines
}

func inOfficial(texts []TextFact) bool {
	for _, t := range texts {
		tag, err := language.Parse(t.Language)
		if err != nil {
			continue
		}
		if _, _, confidence := official.Match(tag); confidence >= language.High {
			return true
		}
	}
	return false
}
