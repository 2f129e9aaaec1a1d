package console

import (
	"net/http"
)

// cookieName of the session. The path keeps it from other programs of this machine: a browser sends
// cookies of one name to every port.
const cookieName = "valise"

func (c *Console) cookie(r *http.Request) string {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return ""
	}
	return cookie.Value
}

func (c *Console) setCookie(w http.ResponseWriter, value string, age int) {
	// The way is this machine itself, over plain HTTP: a cookie for HTTPS alone would never come back.
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // as said
		Name: cookieName, Value: value, Path: c.base, MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// enter begins a session by a link of ours, and leads on, so that the link does not stay in the bar. A
// session has a cookie that nobody could have set before.
func (c *Console) enter(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.Header.Get("Sec-Purpose") != "" {
		// Whoever only looks where a link leads, or fetches ahead, does not use it up.
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	now := c.cfg.Now()
	cookie, err := c.secret()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	if !c.gate.enter(r.PathValue("token"), cookie, now, c.wished(r)) {
		v := c.visit(w, r, c.wished(r), now)
		v.show(http.StatusForbidden, "outside", &outsidePage{frame: v.frame(v.t.Frame.LinkUsed, "")})
		return
	}
	c.setCookie(w, cookie, 0)
	c.cfg.Logger.Info("the desk was opened")
	http.Redirect(w, r, c.base, http.StatusSeeOther)
}

func (v *visit) leave() error {
	v.c.gate.leave()
	v.c.setCookie(v.w, "", -1)
	v.c.cfg.Logger.Info("the desk was left")
	v.outside(stranger)
	return nil
}
