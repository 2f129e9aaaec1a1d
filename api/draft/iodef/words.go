package iodef

import (
	"encoding/json"
	"regexp"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// Words are what somebody wrote. A text alone is read as English, so that any other is an object, with
// its language where that was said. RFC 8727 s2.2.2, s3.2
type Words struct {
	Value string
	Lang  string // as RFC 5646 names it; empty where nobody said it
}

// MarshalJSON writes a text or an object with value and lang.
func (w Words) MarshalJSON() ([]byte, error) {
	if w.Lang == "en" {
		return json.Marshal(w.Value)
	}
	return json.Marshal(struct {
		Value string `json:"value"`
		Lang  string `json:"lang,omitempty"`
	}{w.Value, w.Lang})
}

// languageTag is the form that a language has in a document. RFC 8727 s6
var languageTag = regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`)

// language of a message; empty where it has none, or one that a document cannot name.
func language(p *valisev1.Preamble) string {
	if !languageTag.MatchString(p.GetLanguage()) {
		return ""
	}
	return p.GetLanguage()
}

// words are those that are not empty.
func words(lang string, all ...string) (some []Words) {
	for _, text := range all {
		if text != "" {
			some = append(some, Words{text, lang})
		}
	}
	return some
}

// restrictions are the labels that IODEF has a word for. RFC 7970 s3.3.1
var restrictions = map[valisev1.Tlp]string{
	valisev1.Tlp_TLP_CLEAR: "white", valisev1.Tlp_TLP_GREEN: "green",
	valisev1.Tlp_TLP_AMBER: "amber", valisev1.Tlp_TLP_RED: "red",
}

// restriction is a label in the word that readers of IODEF act on; one that it has no word for stands
// beside it. RFC 7970 s3.3.1
func restriction(label valisev1.Tlp) (word, ext string) {
	if word, known := restrictions[label]; known {
		return word, ""
	}
	return "ext-value", draft.EnumName(label)
}
