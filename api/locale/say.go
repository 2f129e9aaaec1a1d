package locale

import "strings"

// isolates are the characters with which a text is set apart.
const isolates = "\u2066\u2067\u2068\u2069"

// Say fills a text for a line without markup: values are a name and what stands there, by turns. A value that runs
// against the language is isolated, so that it turns nothing around it. UAX #9
func (t Text) Say(values ...string) string { return t.filled(t.Pieces(), values) }

// SayCount is Say in the plural form for n.
func (t Text) SayCount(n int, values ...string) string { return t.filled(t.Counted(n), values) }

func (t Text) filled(pieces []Piece, values []string) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
		for i := 0; p.Place != "" && i+1 < len(values); i += 2 {
			if values[i] == p.Place {
				b.WriteString(t.language.alone(values[i+1]))
				break
			}
		}
	}
	return b.String()
}

// alone is a value that turns nothing around it. One that is put together of others keeps the direction of the
// language; whoever fills in what people wrote has taken out of it what could end an isolate.
func (l Language) alone(value string) string {
	if strings.ContainsAny(value, isolates) {
		return l.Line(value)
	}
	return l.Isolate(value)
}
