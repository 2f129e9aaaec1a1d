package node

import (
	"bytes"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"valise.example/api/locale"
	"valise.example/gateway"
	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

// Away says how people are called to the desk; its zero value is that nobody is.
// docs/protocol.md §12.7
type Away struct {
	// Pause, SecondAfter and WatchRoomAfter: see gateway.CallRules.
	Pause, SecondAfter, WatchRoomAfter time.Duration
	// AllQuiet is the time of day by UTC of the daily sign; negative: none is given.
	AllQuiet time.Duration
	// First, Second and WatchRoom are the steps of the roster; one without a way is left out.
	First, Second, WatchRoom Person
	// SMTP is the server that takes emails.
	SMTP MailServer
}

// Person is whom a step of the roster calls, by all ways that are named.
type Person struct {
	Webhook string // URL
	Secret  string // file with the secret under which a webhook is signed
	Command []string
	Email   string
	// Language is the one of the text that they are called by.
	Language locale.Language
}

// MailServer takes emails for other hosts.
type MailServer struct {
	Server   string // host:port
	From     string
	User     string // empty: no log-in
	Password string // file
}

// What holds where the table [away] does not say otherwise, and the bounds of it.
const (
	usualPause          = 5 * time.Minute
	usualSecondAfter    = 15 * time.Minute
	usualWatchRoomAfter = 30 * time.Minute
	usualAllQuiet       = 8 * time.Hour
	leastAfter          = time.Second
	mostAfter           = 24 * time.Hour
	mostArguments       = 32
)

// awayText is the table [away] as written.
type awayText struct {
	Pause          string     `toml:"pause"`
	SecondAfter    string     `toml:"second_after"`
	WatchRoomAfter string     `toml:"watch_room_after"`
	AllQuiet       *string    `toml:"all_quiet"`
	First          personText `toml:"first"`
	Second         personText `toml:"second"`
	WatchRoom      personText `toml:"watch_room"`
	SMTP           smtpText   `toml:"smtp"`
}

type personText struct {
	Webhook  string   `toml:"webhook"`
	Secret   string   `toml:"webhook_secret_file"`
	Command  []string `toml:"command"`
	Email    string   `toml:"email"`
	Language string   `toml:"language"`
}

type smtpText struct {
	Server   string `toml:"server"`
	From     string `toml:"from"`
	User     string `toml:"user"`
	Password string `toml:"password_file"`
}

// usualAway is what holds where only people are named.
func usualAway() Away {
	return Away{Pause: usualPause, SecondAfter: usualSecondAfter, WatchRoomAfter: usualWatchRoomAfter, AllQuiet: usualAllQuiet}
}

func (t awayText) read(c *Config) (err error) {
	a := usualAway()
	if err := t.readTimes(&a); err != nil {
		return err
	}
	for _, x := range []struct {
		key  string
		text personText
		to   *Person
	}{{"away.first", t.First, &a.First}, {"away.second", t.Second, &a.Second}, {"away.watch_room", t.WatchRoom, &a.WatchRoom}} {
		if *x.to, err = x.text.read(x.key); err != nil {
			return err
		}
	}
	if a.SMTP, err = t.SMTP.read(a.sendsEmail()); err != nil || len(a.steps()) == 0 {
		return err
	}
	if len(a.First.ways()) == 0 {
		return &ConfigError{key: "away", Detail: "away.first must name a webhook, a command or an email: it is called before all others"}
	}
	c.Away = a
	return nil
}

func (t awayText) readTimes(a *Away) (err error) {
	for _, x := range []struct {
		key, text string
		to        *time.Duration
	}{{"away.pause", t.Pause, &a.Pause}, {"away.second_after", t.SecondAfter, &a.SecondAfter}, {"away.watch_room_after", t.WatchRoomAfter, &a.WatchRoomAfter}} {
		if x.text == "" {
			continue
		}
		if *x.to, err = parseWithin(x.key, x.text, leastAfter, mostAfter); err != nil {
			return err
		}
	}
	if t.AllQuiet != nil {
		if a.AllQuiet, err = parseTimeOfDay("away.all_quiet", *t.AllQuiet); err != nil {
			return err
		}
	}
	return nil
}

func (a Away) sendsEmail() bool {
	return a.First.Email != "" || a.Second.Email != "" || a.WatchRoom.Email != ""
}

// parseTimeOfDay reads "08:00"; empty is never.
func parseTimeOfDay(key, text string) (time.Duration, error) {
	if text == "" {
		return -1, nil
	}
	at, err := time.Parse("15:04", text)
	if err != nil {
		return 0, &ConfigError{key: key, Detail: key + " must be a time of day by UTC, such as \"08:00\", or empty"}
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, nil
}

func (t personText) read(key string) (Person, error) {
	if t.Webhook != "" {
		if detail := checkWebhook(t.Webhook); detail != "" {
			return Person{}, &ConfigError{key: key + ".webhook", Detail: key + ".webhook " + detail}
		}
		if t.Secret == "" {
			return Person{}, &ConfigError{key: key + ".webhook", Detail: key + ".webhook_secret_file must name the file with its secret, such as \"keys/webhook.secret\""}
		}
	}
	if t.Secret != "" && (t.Webhook == "" || !isSecretFile(t.Secret)) {
		return Person{}, secretFault(key + ".webhook_secret_file")
	}
	if detail := checkCommand(t.Command); detail != "" {
		return Person{}, &ConfigError{key: key + ".command", Detail: key + ".command " + detail}
	}
	if t.Email != "" && !isPlainAddress(t.Email) {
		return Person{}, &ConfigError{key: key + ".email", Detail: key + ".email must be one address, such as desk@cert.example"}
	}
	p := Person{Webhook: t.Webhook, Secret: t.Secret, Email: t.Email}
	if len(t.Command) > 0 {
		p.Command = t.Command
	}
	if t.Language == "" {
		return p, nil
	}
	l, err := locale.ParseLanguage(t.Language)
	if err != nil {
		return Person{}, &ConfigError{key: key + ".language", Detail: key + ".language must be one of " + strings.Join(locale.Codes(), ", ")}
	}
	p.Language = l
	return p, nil
}

// checkWebhook says what is wrong with a URL; empty for nothing. Without TLS a call stays on this machine.
func checkWebhook(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return "must be a URL without log-in or fragment"
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return ""
	}
	return "must begin with https://, or name an address of this machine such as http://127.0.0.1:8080/"
}

func isLoopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return err == nil && at.IsLoopback()
}

func checkCommand(argv []string) string {
	switch {
	case len(argv) == 0:
		return ""
	case len(argv) > mostArguments:
		return fmt.Sprintf("has more than %d words", mostArguments)
	case !path.IsAbs(argv[0]):
		return "must begin with the whole path of a program: no shell reads it"
	case strings.ContainsRune(strings.Join(argv, ""), 0):
		return "has a character that no program can take"
	}
	return ""
}

func isPlainAddress(text string) bool {
	a, err := netmail.ParseAddress(text)
	return err == nil && a.Address == text && len(text) <= 254 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

var secretName = regexp.MustCompile(`^keys/[a-z0-9_-]+\.secret$`)

// isSecretFile: in the home, where a backup finds it, or a whole path, such as that of a credential of the
// service manager.
func isSecretFile(name string) bool { return secretName.MatchString(name) || path.IsAbs(name) }

func secretFault(key string) error {
	return &ConfigError{key: key, Detail: key + " must name a file keys/NAME.secret of the home, or a whole path; the secret itself never stands here"}
}

func (t smtpText) read(wanted bool) (MailServer, error) {
	if t == (smtpText{}) {
		if wanted {
			return MailServer{}, &ConfigError{key: "away", Detail: "away.smtp must name the server that takes the emails"}
		}
		return MailServer{}, nil
	}
	host, port, err := net.SplitHostPort(t.Server)
	if err != nil || host == "" || port == "" {
		return MailServer{}, &ConfigError{key: "away.smtp.server", Detail: "away.smtp.server must be host:port"}
	}
	if !isPlainAddress(t.From) {
		return MailServer{}, &ConfigError{key: "away.smtp.from", Detail: "away.smtp.from must be one address, such as valise@cert.example"}
	}
	if (t.User == "") != (t.Password == "") || t.Password != "" && !isSecretFile(t.Password) {
		return MailServer{}, secretFault("away.smtp.password_file")
	}
	return MailServer(t), nil
}

// callRules are the roster as the core knows it: which steps there are, and when.
func (a Away) callRules() gateway.CallRules {
	rules := gateway.CallRules{Pause: a.Pause, Quiet: a.AllQuiet}
	for _, s := range a.steps() {
		rules.Steps = append(rules.Steps, gateway.CallStep{Step: s.step, After: s.after})
	}
	return rules
}

// awayStep is a step of the roster on which somebody stands.
type awayStep struct {
	step   valisev1.AttentionStep
	name   string
	after  time.Duration
	person Person
}

func (a Away) steps() []awayStep {
	return slices.DeleteFunc(a.roster(), func(s awayStep) bool { return len(s.person.ways()) == 0 })
}

// roster has all steps, also those on which nobody stands.
func (a Away) roster() []awayStep {
	return []awayStep{
		{valisev1.AttentionStep_ATTENTION_STEP_FIRST, "first", 0, a.First},
		{valisev1.AttentionStep_ATTENTION_STEP_SECOND, "second", a.SecondAfter, a.Second},
		{valisev1.AttentionStep_ATTENTION_STEP_WATCH_ROOM, "watch_room", a.WatchRoomAfter, a.WatchRoom},
	}
}

// secrets are the files that the roster needs.
func (a Away) secrets() []string {
	var out []string
	for _, name := range []string{a.First.Secret, a.Second.Secret, a.WatchRoom.Secret, a.SMTP.Password} {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// format writes the tables where there is a roster, or whole.
func (a Away) format(b *bytes.Buffer, whole bool) {
	if len(a.steps()) == 0 {
		if !whole {
			return
		}
		a = usualAway()
	}
	quiet := ""
	if a.AllQuiet >= 0 {
		quiet = time.Time{}.Add(a.AllQuiet).Format("15:04")
	}
	fmt.Fprintf(b, "\n# who is called to the desk, and when: the second where nobody opened what waits, then the watch room;\n# all_quiet is the time by UTC of the daily sign that the ways work\n")
	fmt.Fprintf(b, "[away]\n")
	formatTexts(b, true, "pause", a.Pause.String(), "second_after", a.SecondAfter.String(), "watch_room_after", a.WatchRoomAfter.String(), "all_quiet", quiet)
	for _, s := range a.roster() {
		if whole || len(s.person.ways()) > 0 {
			fmt.Fprintf(b, "[away.%s]\n", s.name)
			s.person.format(b, whole)
		}
	}
	if whole || a.SMTP != (MailServer{}) {
		fmt.Fprintf(b, "[away.smtp]\n")
		formatTexts(b, whole, "server", a.SMTP.Server, "from", a.SMTP.From, "user", a.SMTP.User, "password_file", a.SMTP.Password)
	}
}

func (p Person) format(b *bytes.Buffer, whole bool) {
	formatTexts(b, whole, "webhook", p.Webhook, "webhook_secret_file", p.Secret)
	if whole || len(p.Command) > 0 {
		fmt.Fprintf(b, "command = %s\n", tomlkey.QuoteAll(p.Command))
	}
	language := p.Language.String()
	if !whole && p.Language == locale.English {
		language = ""
	}
	formatTexts(b, whole, "email", p.Email, "language", language)
}

// formatTexts writes keys and texts in turn, those that are empty only as part of the whole.
func formatTexts(b *bytes.Buffer, whole bool, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		if whole || pairs[i+1] != "" {
			fmt.Fprintf(b, "%s = %s\n", pairs[i], tomlkey.Quote(pairs[i+1]))
		}
	}
}
