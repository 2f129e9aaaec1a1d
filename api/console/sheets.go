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

// sheetStyle numbers the sheets of a printed page, in the words of a language, and marks each of an
// exercise: only the browser knows where a sheet ends, and it takes no text but from a style sheet.
func sheetStyle(l locale.Language) string {
	t, en := locale.Of(l).Page(), locale.Of(locale.English).Page()
	mark := quoted(t.Frame.Exercise.String())
	if l != locale.English {
		mark += ` " / " ` + quoted(en.Frame.Exercise.String())
	}
	var number strings.Builder
	for _, p := range t.Paper.PageOf.Pieces() {
		switch p.Place {
		case "":
			number.WriteString(quoted(p.Text) + " ")
		default:
			number.WriteString("counter(" + p.Place + ") ")
		}
	}
	return fmt.Sprintf("@page { @bottom-center { content: %s; direction: %s; font-size: 9pt; } }\n"+
		"@page exercise { @top-center { content: %s; direction: %s; font-size: 9pt; font-weight: 700; } }\n",
		strings.TrimSpace(number.String()), l.Direction(), mark, l.Direction())
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

// SheetName names that style sheet with a part of its hash.
func SheetName(l locale.Language) string {
	sum := sha256.Sum256([]byte(sheetStyle(l)))
	return "sheet." + l.String() + "." + hex.EncodeToString(sum[:6]) + ".css"
}

// Sheets is the path of the style sheet that numbers printed sheets.
func (f *frame) Sheets() string { return f.Base() + "static/sheet/" + SheetName(f.v.language) }

// Sheet gives that style sheet, which says nothing of anybody. It stands at "static/sheet/{file}".
func Sheet(w http.ResponseWriter, r *http.Request) {
	for _, l := range locale.Languages() {
		if r.PathValue("file") != SheetName(l) {
			continue
		}
		w.Header().Set("Content-Type", typesOf[".css"])
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		_, _ = w.Write([]byte(sheetStyle(l)))
		return
	}
	http.NotFound(w, r)
}
