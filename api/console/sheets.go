package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"valise.example/api/locale"
)

// sheetStyle numbers the sheets of a printed page, in the words of a language, and marks both ends of each of
// an exercise, which has that name: only the browser knows where a sheet ends, and it takes no text but from a
// style sheet.
func sheetStyle(l locale.Language, exercise string) string {
	t := locale.Of(l).Page()
	var number strings.Builder
	for _, p := range t.Paper.PageOf.Pieces() {
		switch p.Place {
		case "":
			number.WriteString(quoted(p.Text) + " ")
		default:
			number.WriteString("counter(" + p.Place + ") ")
		}
	}
	style := fmt.Sprintf("@page { @bottom-center { content: %s; direction: %s; font-size: 9pt; } }\n", strings.TrimSpace(number.String()), l.Direction())
	if exercise == "" {
		return style
	}
	said := fmt.Sprintf("{ content: %s; direction: %s; font-size: 9pt; font-weight: 700; }", sheetMark(l, exercise), l.Direction())
	return style + "@page exercise { @top-center " + said + " @bottom-left " + said + " }\n"
}

// sheetMark is the word for an exercise in a language and in English, and the name of this one.
func sheetMark(l locale.Language, exercise string) string {
	english := quoted(l.Isolate(locale.Of(locale.English).Page().Frame.Exercise.String() + " " + exercise))
	if l == locale.English {
		return english
	}
	return quoted(locale.Of(l).Page().Frame.Exercise.String()) + ` " / " ` + english
}

// quoted is a text as a string of CSS, in which nothing ends it.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		if r == '"' || r == '\\' || r == '<' || unicode.IsControl(r) {
			fmt.Fprintf(&b, `\%06x`, r)
			continue
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// SheetName names that style sheet with a part of its hash. The exercise is named as its realm is; "" is operation.
func SheetName(l locale.Language, exercise string) string {
	sum := sha256.Sum256([]byte(sheetStyle(l, exercise)))
	return "sheet." + l.String() + "." + hex.EncodeToString(sum[:6]) + ".css"
}

// Sheets is the path of the style sheet that numbers printed sheets.
func (f *frame) Sheets() string {
	return f.Base() + "static/sheet/" + SheetName(f.v.language, f.ExerciseName())
}

// Sheet gives that style sheet, which says nothing of anybody. It stands at "static/sheet/{file}".
func Sheet(exercise string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, l := range locale.Languages() {
			if r.PathValue("file") != SheetName(l, exercise) {
				continue
			}
			w.Header().Set("Content-Type", typesOf[".css"])
			w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
			_, _ = w.Write([]byte(sheetStyle(l, exercise)))
			return
		}
		http.NotFound(w, r)
	}
}
