package locale

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
)

// forms are the plural forms of CLDR under the names that a catalog gives them.
var forms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

// message is one text of a catalog: in one form, or in one for each that a count can have.
type message struct {
	byForm  map[plural.Form]string
	counted bool
}

// UnmarshalTOML takes a string, or a table with a string for each plural form.
func (m *message) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case string:
		m.byForm = map[plural.Form]string{plural.Other: v}
		return nil
	case map[string]any:
		return m.unmarshalForms(v)
	}
	return errors.New("locale: a text is a string, or a table of plural forms")
}

func (m *message) unmarshalForms(table map[string]any) error {
	m.byForm, m.counted = map[plural.Form]string{}, true
	for name, v := range table {
		form, known := forms[name]
		text, ok := v.(string)
		if !known || !ok {
			return fmt.Errorf("locale: %.20q is no plural form with a text", name)
		}
		m.byForm[form] = text
	}
	return nil
}

// form is the plural form that l has for a whole number; a negative one has that of its amount.
func (l Language) form(count int) plural.Form {
	digits := strings.TrimPrefix(strconv.Itoa(count), "-")
	number := make([]byte, len(digits))
	for i := range digits {
		number[i] = digits[i] - '0'
	}
	return plural.Cardinal.MatchDigits(l.tag(), number, len(number), 0)
}

// everyForm is how far one has to count to meet every form: they repeat with the last two digits.
const everyForm = 200

// numbersOf keeps what numbers gave for a language: every text is held against it, and counting anew for each would be
// most of what a command computes.
var numbersOf sync.Map

// numbers says of each plural form that whole numbers have in l how many of the first have it, with the form that stands
// for all the rest. A million has a form of its own in some languages.
func (l Language) numbers() map[plural.Form]int {
	if known, ok := numbersOf.Load(l); ok {
		return known.(map[plural.Form]int) //nolint:forcetypeassert // nothing else is kept there
	}
	out := map[plural.Form]int{plural.Other: 0, l.form(1_000_000): 0}
	for n := range everyForm {
		out[l.form(n)]++
	}
	numbersOf.Store(l, out)
	return out
}

// values are what is filled into a text, by name.
type values map[string]string

// fill gives the text with its values. What a value holds is not read again.
func (m message) fill(v values) string { return fill(m.byForm[plural.Other], v) }

// count gives the text in the form for n, with n as {count}, in Western digits.
func (m message) count(l Language, n int) string {
	return fill(m.byForm[l.form(n)], values{"count": strconv.Itoa(n)})
}

func fill(text string, v values) string {
	pairs := make([]string, 0, 2*len(v))
	for name, value := range v {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// check finds a form that is missing, or more than l needs, and a place to fill that the program does
// not fill or that is left out.
func (m message) check(l Language, want slot) error {
	if m.byForm == nil {
		return errors.New("is missing")
	}
	if m.counted != want.counted {
		return errors.New("must have plural forms exactly if it has a count")
	}
	if m.counted {
		if err := m.checkForms(l); err != nil {
			return err
		}
	}
	for form, text := range m.byForm {
		if strings.TrimSpace(text) == "" {
			return errors.New("is empty")
		}
		got := places(text)
		if len(got) == 0 && want.counted && l.isExact(form) {
			continue // "one item" needs no digit
		}
		if !slices.Equal(got, want.places()) {
			return fmt.Errorf("has the places %q to fill, and the program fills %q", got, want.places())
		}
	}
	return nil
}

func (m message) checkForms(l Language) error {
	needed := l.numbers()
	for name, form := range forms {
		_, has := m.byForm[form]
		if _, must := needed[form]; has != must {
			return fmt.Errorf("the plural form %q is there: %t, and in this language it must be: %t", name, has, must)
		}
	}
	return nil
}

// isExact reports whether form belongs to one whole number alone, which words can then name.
func (l Language) isExact(form plural.Form) bool { return l.numbers()[form] == 1 }

// places are the names in braces, in order and each as often as it stands there. A brace that is never
// closed is one without an end.
func places(text string) []string {
	found := []string{}
	for {
		_, rest, ok := strings.Cut(text, "{")
		if !ok {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		found, text = append(found, name), after
	}
	slices.Sort(found)
	return found
}

// texts lists the forms of m with their names, the same in every run.
func (m message) texts() (all []keyed) {
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		if text, ok := m.byForm[forms[name]]; ok {
			all = append(all, keyed{name, text})
		}
	}
	return all
}

// keyed is one text of a catalog and where it stands.
type keyed struct{ key, text string }
