package localetest

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"

	"valise.example/api/locale"
)

// Literals are what stays the same in every language: commands, flags, names of files and tables, and
// what has no translation because it is a name.
var Literals = regexp.MustCompile(`\bvalise(?: [a-z]+){2}(?: (?:check|export|calendar)\b)?(?: T\b)?|\bchmod go-rwx\b|--[a-z]+(?:-[a-z]+)*(?: [A-Z]\b)?|\[[a-z]+\]|\b[a-z]+\.(?:toml|objects)\b|\b[a-z]+_[a-z]+\b|\b[A-Z][A-Z0-9-]+[0-9A-Z]\b`)

// places are what a program fills.
var places = regexp.MustCompile(`\{[a-z]+\}`)

// Pseudo is the catalog of English as if it were one of l: its texts with accents, brackets and 40 % more,
// in the plural forms and the direction of l.
func Pseudo(l locale.Language) (*locale.Catalog, error) {
	var texts, like map[string]any
	if _, err := toml.Decode(string(locale.Source(locale.English)), &texts); err != nil {
		return nil, err
	}
	if _, err := toml.Decode(string(locale.Source(l)), &like); err != nil {
		return nil, err
	}
	out, ok := rewrite(texts, like, l).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("localetest: the catalog of %s is no table", l)
	}
	out["language"] = l.String()
	delete(out, "reviewed_by")
	delete(out, "reviewed_on")
	delete(out, "reviewed_text")
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(out); err != nil {
		return nil, err
	}
	return locale.Parse(b.Bytes())
}

// rewrite goes through tables; one of plural forms gets those that the language has.
func rewrite(v, like any, l locale.Language) any {
	if text, ok := v.(string); ok {
		return Accented(text, l)
	}
	table, _ := v.(map[string]any)
	other, _ := like.(map[string]any)
	out := map[string]any{}
	if plural, ok := table["other"]; ok {
		for form := range other {
			out[form] = rewrite(plural, nil, l)
		}
		return out
	}
	for key, v := range table {
		out[key] = rewrite(v, other[key], l)
	}
	return out
}

var accents = strings.NewReplacer(
	"a", "á", "b", "ƀ", "c", "ç", "d", "ð", "e", "é", "f", "ƒ", "g", "ĝ", "h", "ĥ", "i", "î", "j", "ĵ", "k", "ķ", "l", "ļ", "m", "ɱ",
	"n", "ñ", "o", "ö", "p", "þ", "q", "ǫ", "r", "ŕ", "s", "š", "t", "ţ", "u", "û", "v", "ṽ", "w", "ŵ", "x", "ẋ", "y", "ý", "z", "ž",
	"A", "Å", "B", "Ɓ", "C", "Ç", "D", "Ð", "E", "É", "G", "Ĝ", "I", "Î", "M", "Ṁ", "N", "Ñ", "O", "Ö", "R", "Ŕ", "S", "Š", "U", "Û", "V", "Ṽ")

// Accented is text as a pseudo-locale has it; literals and places to fill stay as they are. From right to
// left, literals are isolated as translators isolate them. The empty text stays empty.
func Accented(text string, l locale.Language) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("[")
	rest := text
	for rest != "" {
		at := keep(rest)
		b.WriteString(accents.Replace(rest[:at[0]]))
		if kept := rest[at[0]:at[1]]; kept != "" && l.Direction() == locale.RightToLeft && !places.MatchString(kept) {
			b.WriteString("\u2068" + kept + "\u2069")
		} else {
			b.WriteString(kept)
		}
		rest = rest[at[1]:]
	}
	b.WriteString(" " + strings.Repeat("·", (len(text)*2+4)/5) + "]")
	return b.String()
}

// keep finds the next piece that stays, or the end.
func keep(text string) []int {
	found := []int{len(text), len(text)}
	for _, re := range []*regexp.Regexp{Literals, places} {
		if at := re.FindStringIndex(text); at != nil && at[0] < found[0] {
			found = at
		}
	}
	return found
}
