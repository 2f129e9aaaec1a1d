package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// browsed is what a browser without script remembers between two acts of a script.
type browsed struct{ At, Desk, Cookie, Page string }

// browse acts as a browser whose memory is a file, and prints "status N" and the page it comes to. It goes
// to the last link of a file, or to what lies below the desk, presses the button of a form by the end of
// its action, or loads the desk again until the answer has a status or says a text:
// browse MEMORY go|at|press|until|says WHAT
func browse() {
	if err := browseAs(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func browseAs(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: browse MEMORY go|at|press|until|says WHAT")
	}
	var b browsed
	if file, err := os.ReadFile(args[0]); err == nil {
		if err := json.Unmarshal(file, &b); err != nil {
			return err
		}
	}
	status, err := b.act(args[1], args[2])
	if err != nil {
		return err
	}
	fmt.Printf("status %d\n%s", status, b.Page)
	file, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], file, 0o600)
}

func (b *browsed) act(verb, where string) (status int, err error) {
	switch verb {
	case "press":
		action, form, err := b.form(where)
		if err != nil {
			return 0, err
		}
		return b.send(http.MethodPost, action, form)
	case "at":
		return b.send(http.MethodGet, b.Desk+where, nil)
	case "until", "says":
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			status, err = b.send(http.MethodGet, b.Desk, nil)
			if err != nil || verb == "until" && fmt.Sprint(status) == where || verb == "says" && strings.Contains(b.Page, where) {
				return status, err
			}
		}
		return 0, fmt.Errorf("the desk does not come to %s: %s", where, b.Page)
	}
	link, err := lastLink(where)
	if err != nil {
		return 0, err
	}
	if status, err = b.send(http.MethodGet, link, nil); status == http.StatusOK {
		b.Desk = b.At
	}
	return status, err
}

var aLink = regexp.MustCompile(`http://[^"\s]+`)

func lastLink(name string) (string, error) {
	file, err := os.ReadFile(name)
	found := aLink.FindAllString(string(file), -1)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("no link in %s: %w", name, err)
	}
	return found[len(found)-1], nil
}

var (
	aForm  = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
	aField = regexp.MustCompile(`<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"`)
)

func (b *browsed) form(end string) (action string, form url.Values, err error) {
	for _, found := range aForm.FindAllStringSubmatch(b.Page, -1) {
		if !strings.HasSuffix(found[1], end) {
			continue
		}
		form = url.Values{}
		for _, in := range aField.FindAllStringSubmatch(found[2], -1) {
			form.Add(in[1], in[2])
		}
		return found[1], form, nil
	}
	return "", nil, fmt.Errorf("no form leads to %s: %s", end, b.Page)
}

// send follows where an answer leads, and keeps the cookie.
func (b *browsed) send(method, where string, form url.Values) (int, error) {
	client := http.Client{
		Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for range 5 {
		if err := b.turn(where); err != nil {
			return 0, err
		}
		r, err := http.NewRequest(method, b.At, strings.NewReader(form.Encode()))
		if err != nil {
			return 0, err
		}
		r.Header.Set("Cookie", b.Cookie)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer, err := client.Do(r)
		if err != nil {
			return 0, err
		}
		page, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return 0, err
		}
		b.Page = string(page)
		for _, c := range answer.Cookies() {
			b.Cookie = c.Name + "=" + c.Value
		}
		if answer.StatusCode != http.StatusSeeOther {
			return answer.StatusCode, nil
		}
		method, where, form = http.MethodGet, answer.Header.Get("Location"), nil
	}
	return 0, errors.New("the answers lead round in a circle")
}

// turn goes on from where the browser is.
func (b *browsed) turn(where string) error {
	from, err := url.Parse(b.At)
	if err != nil {
		return err
	}
	to, err := from.Parse(where)
	if err != nil {
		return err
	}
	b.At = to.String()
	return nil
}
