package scenario

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// realName is a name of one or more words, each with its forms.
type realName struct {
	name  string
	words []map[string]bool
}

// nameIndex are the names of one language by the forms of their first words, and those that a language without
// blanks writes within others.
type nameIndex struct {
	byFirst map[string][]*realName
	within  []string
}

func (x *nameIndex) add(tag, name string) {
	if tag == "zh" {
		x.within = append(x.within, name)
		return
	}
	n := &realName{name: name}
	for i, word := range wordsOf(name) {
		forms := map[string]bool{word: true, strings.ToUpper(word): true}
		switch {
		case tag == "ru":
			bend(word, forms)
		case tag == "ar" && i == 0:
			join(word, forms)
		}
		n.words = append(n.words, forms)
	}
	if len(n.words) == 0 {
		return
	}
	for form := range n.words[0] {
		x.byFirst[form] = append(x.byFirst[form], n)
	}
}

// find is the first name that stands in a text; empty: none.
func (x *nameIndex) find(text string, words []string) string {
	for _, name := range x.within {
		if strings.Contains(text, name) {
			return name
		}
	}
	for i, word := range words {
		for _, n := range x.byFirst[word] {
			if n.stands(words[i:]) {
				return n.name
			}
		}
	}
	return ""
}

func (n *realName) stands(words []string) bool {
	if len(words) < len(n.words) {
		return false
	}
	for i, forms := range n.words {
		if !forms[words[i]] {
			return false
		}
	}
	return true
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
}

// endings are how the cases of Russian end nouns and adjectives.
var endings = []string{
	"", "а", "я", "у", "ю", "е", "и", "ы", "ой", "ей", "ом", "ем", "ии", "ию", "ией", "ия", "ью", "ов", "ами", "ах", "ам",
	"ых", "ым", "ыми", "их", "ими", "им", "ого", "ому", "ая", "ую", "ое", "ые", "ие",
}

// bend adds the cases of a Russian word: an ending stands in the place of its own or after it. A word of three
// letters or less does not bend.
func bend(word string, forms map[string]bool) {
	if utf8.RuneCountInString(word) <= 3 {
		return
	}
	for _, stem := range []string{word, stemOf(word)} {
		for _, end := range endings {
			forms[stem+end] = true
		}
	}
}

func stemOf(word string) string {
	for _, end := range []string{"ые", "ие", "ая", "яя", "ое", "ее", "ый", "ий"} {
		if stem, ok := strings.CutSuffix(word, end); ok && utf8.RuneCountInString(stem) > 2 {
			return stem
		}
	}
	last, size := utf8.DecodeLastRuneInString(word)
	if strings.ContainsRune("аяуюеиыйьо", last) {
		return word[:len(word)-size]
	}
	return word
}

// join adds what Arabic writes together with the word after it.
func join(word string, forms map[string]bool) {
	bare, article := strings.CutPrefix(word, "ال")
	for _, joined := range []string{"و", "ف", "ب", "ك", "ل", "وب", "ول", "فب", "فل"} {
		forms[joined+word] = true
		if article && strings.HasSuffix(joined, "ل") {
			forms[joined+"ل"+bare] = true
		}
	}
}

// ordinary are names that are also common words of their language: what they mean there a person must judge.
var ordinary = []string{"مالي", "قطر", "عمان", "Того", "Чад", "Turkey", "Chad", "Jordan", "Georgia", "Jersey", "Guinea"}
