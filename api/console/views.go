package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed templates/*.html static/*
var files embed.FS

// views are all templates.
type views struct {
	pages map[string]*template.Template
}

// allViews are read once for all desks of a process: nothing in them is of one desk, and an exercise has six.
var allViews = sync.OnceValues(parseViews)

// parseViews reads each page together with what all share: the layout and the parts, whose names begin with "_".
func parseViews() (*views, error) {
	shared, err := template.New("layout").Funcs(template.FuncMap{"style": StyleName}).ParseFS(files, "templates/_*.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "templates/[a-z]*.html")
	if err != nil {
		return nil, err
	}
	v := &views{pages: map[string]*template.Template{}}
	for _, name := range names {
		own, err := shared.Clone()
		if err == nil {
			own, err = own.ParseFS(files, name)
		}
		if err != nil {
			return nil, err
		}
		v.pages[strings.TrimSuffix(path.Base(name), ".html")] = own
	}
	return v, nil
}

func (v *views) write(b *bytes.Buffer, view string, data any) error {
	page, ok := v.pages[view]
	if !ok {
		return fmt.Errorf("console: there is no page %q", view)
	}
	return page.ExecuteTemplate(b, "layout", data)
}

// types of the files that a page asks for.
var typesOf = map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

// StyleName is the name of the style sheet with a part of its hash: another version has another name.
func StyleName() (string, error) {
	b, err := files.ReadFile("static/desk.css")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return "desk." + hex.EncodeToString(sum[:6]) + ".css", nil
}

// Static gives the style sheet and the icons, which say nothing of anybody. It stands at
// "static/{file}".
func Static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if style, err := StyleName(); err == nil && name == style {
		name = "desk.css"
	} else if name == "desk.css" {
		name = ""
	}
	b, err := files.ReadFile("static/" + name)
	kind := typesOf[path.Ext(name)]
	if err != nil || kind == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	_, _ = w.Write(b) //nolint:gosec // a file of the program itself
}
