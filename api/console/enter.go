package console

import (
	"net/http"
)

// cookieName of the session. The path keeps it from other programs of this machine: a browser sends
// cookies of one name to every port.
const cookieName = "valise"

func (s *Shell) cookie(r *http.Request) string {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return ""
	}
	return cookie.Value
}

func (s *Shell) setCookie(w http.ResponseWriter, value string, age int) {
	// The way is this machine itself, over plain HTTP: a cookie for HTTPS alone would never come back.
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // as said
		Name: cookieName, Value: value, Path: s.base, MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// Enter begins a session by a link of ours, and leads on, so that the link does not stay in the bar. A
// session has a cookie that nobody could have set before. It stands at "enter/{token}" below Base; refused answers
// a link that was used or is too old.
func (s *Shell) Enter(refused http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("Sec-Purpose") != "" {
			// Whoever only looks where a link leads, or fetches ahead, does not use it up.
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		cookie, err := s.secret()
		if err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		if !s.gate.enter(r.PathValue("token"), cookie, s.cfg.Now(), s.wished(r)) {
			refused(w, r)
			return
		}
		s.setCookie(w, cookie, 0)
		s.cfg.Logger.Info("the desk was opened")
		http.Redirect(w, r, s.base, http.StatusSeeOther)
	}
}

// linkUsed tells that a link works no more.
func (c *Console) linkUsed(w http.ResponseWriter, r *http.Request) {
	v := c.visit(w, r, c.shell.wished(r), c.cfg.Now())
	v.show(http.StatusForbidden, "outside", &outsidePage{frame: v.frame(v.t.Frame.LinkUsed, "")})
}

func (v *visit) leave() error {
	v.c.shell.Leave(v.w)
	v.c.cfg.Logger.Info("the desk was left")
	v.outside(stranger)
	return nil
}
