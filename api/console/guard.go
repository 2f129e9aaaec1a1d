package console

import (
	"math"
	"mime"
	"net/http"
	"path"
	"strings"

	"golang.org/x/text/language"

	"valise.example/api/locale"
)

// policy lets a page show its own style sheet and icons and send its own forms, and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers stand on every answer, whatever it is.
var headers = map[string]string{
	"Content-Security-Policy":      policy,
	"Referrer-Policy":              "same-origin", // with none, a browser hides where our own forms are from
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cross-Origin-Embedder-Policy": "require-corp",
	"Permissions-Policy":           "camera=(), display-capture=(), geolocation=(), microphone=()",
	"Cache-Control":                "no-store",
	"Accept-Ranges":                "none",
}

const formType = "application/x-www-form-urlencoded"

// Handler is the whole page: every request passes the same guard. docs/threat-model.md
func (c *Console) Handler() http.Handler { return c.shell.Guard(c.routes()) }

// Guard is pages behind what every request passes. docs/threat-model.md
func (s *Shell) Guard(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if status := s.guard(r); status != http.StatusOK {
			w.Header().Set("Connection", "close") // what else it sends is not waited for
			http.Error(w, http.StatusText(status), status)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, s.cfg.most(r))
		pages.ServeHTTP(w, r)
	})
}

// guard refuses, before anything is read, what no browser at this desk sends.
func (s *Shell) guard(r *http.Request) int {
	switch {
	case !s.hosts.Load().allow(r.Host):
		return http.StatusMisdirectedRequest // a name that leads here is not ours
	case r.URL.Host != "" || r.URL.Opaque != "":
		return http.StatusBadRequest // we are no proxy
	case !plainPath(r):
		return http.StatusNotFound
	case len(r.TransferEncoding) > 0:
		return http.StatusLengthRequired // a form is sent whole, and its length said once
	case r.Header.Get("Upgrade") != "":
		return http.StatusBadRequest // there is nothing here but pages
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return guardGet(r)
	case http.MethodPost:
		return s.guardPost(r)
	}
	return http.StatusMethodNotAllowed
}

// guardGet lets nobody but a person's own browser window come from elsewhere: a page of another site, or of
// another program of this machine, may lead here, and can neither load, frame nor ask for anything.
func guardGet(r *http.Request) int {
	if r.ContentLength != 0 {
		return http.StatusBadRequest
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return http.StatusForbidden
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return http.StatusOK
	}
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		return http.StatusOK
	}
	return http.StatusForbidden
}

// guardPost takes a form only from a page of ours: by what the browser says of where it is from, which no
// page can change.
func (s *Shell) guardPost(r *http.Request) int {
	if !s.fromHere(r) {
		return http.StatusForbidden
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != formType && kind != "multipart/form-data" {
		return http.StatusUnsupportedMediaType
	}
	if r.ContentLength > s.cfg.most(r) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusOK
}

// mostOf is how many bytes a request may bring: a form, or where a file is brought, whatever comes in the time for a
// form. How large a file may be is told by the page on which it is chosen, and no browser reads an answer before it
// has sent all.
func (c *Console) mostOf(r *http.Request) int64 {
	draft, brings := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, c.shell.base+"draft/"), "/attach")
	if brings && actID.MatchString(draft) && r.URL.Path == c.shell.base+"draft/"+draft+"/attach" {
		return math.MaxInt64
	}
	return mostBody
}

// fromHere needs both marks of a browser where it sends both, and one of them at the least: a request
// without any is none of a page.
func (s *Shell) fromHere(r *http.Request) bool {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if site == "" && origin == "" || site != "" && site != "same-origin" {
		return false
	}
	return origin == "" || origin == "http://"+r.Host
}

// plainPath reports whether the path is written in the one way in which a page of ours writes it.
func plainPath(r *http.Request) bool {
	p := r.URL.Path
	if r.URL.RawPath != "" || r.URL.EscapedPath() != p || strings.ContainsAny(p, "\\\x00") {
		return false
	}
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean == p
}

// mostWishes bounds what a browser may say of languages, in bytes.
const mostWishes = 512

// wished is the language that the browser asks for, else the one of the configuration.
func (s *Shell) wished(r *http.Request) locale.Language {
	asked := r.Header.Get("Accept-Language")
	if len(asked) > mostWishes {
		return s.cfg.Language
	}
	tags, _, err := language.ParseAcceptLanguage(asked)
	if err != nil {
		return s.cfg.Language
	}
	for _, tag := range tags {
		if l, ok := locale.Match(tag.String()); ok {
			return l
		}
	}
	return s.cfg.Language
}
