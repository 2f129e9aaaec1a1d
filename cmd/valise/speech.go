package main

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// speech is what a person is told, in the language of this run. With --json nobody is told anything.
type speech struct {
	*locale.Command
	*locale.Vocabulary
	l locale.Language
}

func (p *program) speech() speech { return speechOf(p.catalog()) }

func speechOf(c *locale.Catalog) speech { return speech{c.Command(), c.Vocabulary(), c.Language()} }

// inEnglish is for results that exist in English only.
func inEnglish() speech { return speechOf(locale.Of(locale.English)) }

// say fills a text: values are a name and what stands there, by turns. What is not of a catalog
// has gone through theirs before.
func (s speech) say(t locale.Text, values ...string) string { return filled(t.Pieces(), values) }

// count is say in the plural form for n.
func (s speech) count(t locale.Text, n int, values ...string) string {
	return filled(t.Counted(n), values)
}

func filled(pieces []locale.Piece, values []string) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
		if at := slices.Index(values, p.Place); p.Place != "" && at >= 0 {
			b.WriteString(values[at+1])
		}
	}
	return b.String()
}

// theirs is what comes out of no catalog: what a person wrote, an address, a time. It steers no screen and
// turns nothing around it. English output is what scripts read, and keeps its characters.
func (s speech) theirs(text string) string {
	if s.l == locale.English {
		return clean(text)
	}
	return s.l.Isolate(text)
}

// line is a whole line as the screen gets it.
func (s speech) line(text string) string { return s.l.Line(text) }

// lines are the same of several.
func (s speech) lines(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = s.line(text)
	}
	return out
}

// word is the text of a group by the name of a value of the contract, and that name itself for one of
// a later version.
func (s speech) word(group any, name string) string {
	if t, ok := locale.Named(group, name); ok {
		return t.String()
	}
	return s.theirs(strings.ReplaceAll(name, "_", " "))
}

// named is word for columns that hold names of the contract: English output, which scripts read, has the name
// itself.
func (s speech) named(group any, name string) string {
	if s.l == locale.English || name == "" {
		return name
	}
	return s.word(group, name)
}

// column fills a column of words. English ones are as wide as scripts know them; other words are longer.
func (s speech) column(text string, width int) string {
	if s.l != locale.English {
		width += 10
	}
	return padded(text, width)
}

// fact is a value behind its label, in a column of labels.
func (s speech) fact(label string, width int, value string) string {
	return s.line(s.column(label, width) + " " + value)
}

// advice is a step that a node names, with its words.
func (s speech) advice(a *valisev1.Advice) string {
	words := s.theirs(a.GetText())
	if t, ok := locale.Counterpart(locale.Of(locale.English).Command().Advice, s.Advice, a.GetText()); ok {
		words = t.String()
	}
	return s.line(s.say(s.Result.StillOpen, "step", s.theirs(a.GetStep()), "text", words))
}

// reason is a sentence of the catalog in brackets or behind a colon.
func (s speech) reason(r valisev1.Reason) string { return locale.Of(s.l).Sentence(r) }

// reasonOrName is the name of a reason in English, as scripts know it, and its sentence in any other language.
func (s speech) reasonOrName(r valisev1.Reason) string {
	if s.l == locale.English {
		return reasonName(r)
	}
	return s.reason(r)
}

// joined is a list on one line.
func (s speech) joined(list []string) string {
	all := ""
	for i, one := range list {
		if i == 0 {
			all = one
			continue
		}
		all = s.say(s.Thread.Both, "first", all, "second", one)
	}
	return all
}

// at is a moment as it stands in a text.
func (s speech) at(t *timestamppb.Timestamp) string { return s.theirs(clock(t)) }

// under sets lines under what they belong to.
func (s speech) under(lines ...string) []string {
	out := []string{}
	for _, line := range lines {
		out = append(out, "    "+s.line(line))
	}
	return out
}

// state says how a thread stands: the name of the contract in English, which scripts read, and in any other
// language the sentence of the page.
func (s speech) state(t *valisev1.ThreadView) string {
	text, ok := s.State.Of(t.GetState(), t.GetOutbound())
	if !ok || s.l == locale.English {
		return s.theirs(words(stateName(t.GetState())))
	}
	peer, _, _ := strings.Cut(t.GetPeer(), "/")
	return s.say(text, "state", s.theirs(peer))
}

func (s speech) kind(k valisev1.Kind) string { return s.word(s.Kind, kindName(k)) }

// labelled is a value behind its label.
type labelled struct {
	label locale.Text
	value string
}

// table sets values under each other.
func (s speech) table(rows ...labelled) (lines []string) {
	widest := 0
	for _, r := range rows {
		widest = max(widest, cells(r.label.String()))
	}
	for _, r := range rows {
		label := r.label.String()
		lines = append(lines, s.line(label+strings.Repeat(" ", widest-cells(label)+1)+r.value))
	}
	return lines
}

// cells are how many places of a terminal a label takes: Chinese characters take two.
func cells(text string) (n int) {
	for _, r := range text {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// meansYes takes the word for yes of the language, and in every language "yes": not every keyboard has
// the letters of the language that its reader has asked for.
func (s speech) meansYes(answer string) bool {
	return answer == "yes" || norm.NFC.String(answer) == s.Check.YesWord.String()
}

// yes names the words that meansYes takes.
func (s speech) yes() string {
	if own := s.Check.YesWord.String(); own != "yes" {
		return own + " / " + s.theirs("yes")
	}
	return "yes"
}
