package node_test

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"valise.example/api/locale"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const labRealm = "exercise:lab-00112233445566778899aabbccddeeff"

func TestConfigFormatIsTheInverseOfParse(t *testing.T) {
	want := node.Config{
		State: "XA", Realm: labRealm, Tracks: []ident.Track{ident.Technical, ident.Diplomatic},
		Relay: "127.0.0.1:4222", Undo: 10 * time.Second, FourEyes: []ident.Track{ident.Diplomatic},
		Quota: node.DefaultQuota(), Classified: true, Door: node.Door{Listen: netip.MustParseAddrPort("192.0.2.1:42421")},
		Retention: node.Retention{ClosedThreads: 1095 * 24 * time.Hour},
		Health:    node.Health{Listen: netip.MustParseAddrPort("192.0.2.1:42480"), Beyond: true, VerifyEvery: 6 * time.Hour},
	}
	want.Away = node.Away{
		Pause: time.Minute, SecondAfter: 20 * time.Minute, WatchRoomAfter: time.Hour, AllQuiet: -1,
		First:     node.Person{Webhook: "https://desk.example/call?a=1", Secret: "keys/desk.secret", Email: "duty@cert.example", Language: locale.Arabic},
		WatchRoom: node.Person{Command: []string{"/usr/local/bin/page", "desk \"one\"", "\\", "\x7f\n"}},
		SMTP:      node.MailServer{Server: "mail.example:587", From: "valise@cert.example", User: "valise", Password: "/run/credentials/valise/smtp"},
	}
	want.Deadlines.Answer = map[valisev1.Urgency]time.Duration{valisev1.Urgency_URGENCY_URGENT: 90 * time.Minute}
	want.Quota.Envelopes, want.Quota.BytesPerDay = 500, 5<<30
	got, err := node.ParseConfig(want.Format())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("came back as %+v, %v", got, err)
	}
	want.Retention.ClosedThreads = 90 * time.Minute
	if got, err := node.ParseConfig(want.Effective()); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("came back as %+v, %v", got, err)
	}
	want.Health = node.Health{VerifyEvery: -1}
	if got, err := node.ParseConfig(want.Format()); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("a node that never looks at its record came back as %+v, %v", got, err)
	}
	want.Health.VerifyEvery, want.Retention.ClosedThreads = 0, 0
	if got, err := node.ParseConfig(want.Effective()); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("came back as %+v, %v", got, err)
	}
}

func TestConfigRefusesWhatItDoesNotUnderstand(t *testing.T) {
	const good = "state = \"XA\"\nrealm = \"" + labRealm + "\"\ntracks = [\"technical\"]\n"
	for name, c := range map[string]struct {
		text string
		line int
	}{
		"unknown key":            {good + "udno = \"10s\"\n", 4},
		"unknown table":          {good + "[relais]\naddress = \"x\"\n", 4},
		"syntax":                 {good + "undo = 10s\n", 4},
		"type":                   {"state = 1\n", 1},
		"twice":                  {good + "state = \"XB\"\n", 4},
		"no State":               {"realm = \"" + labRealm + "\"\ntracks = [\"technical\"]\n", 0},
		"Norway is no boolean":   {strings.Replace(good, `"XA"`, "no", 1), 1},
		"no such track":          {strings.Replace(good, `"technical"`, `"tecnical"`, 1), 0},
		"a track twice":          {strings.Replace(good, `"technical"`, `"technical", "technical"`, 1), 0},
		"a principal's track":    {strings.Replace(good, `"technical"`, `"manager"`, 1), 0},
		"no track":               {strings.Replace(good, `"technical"`, ``, 1), 0},
		"State of another realm": {strings.Replace(good, `"XA"`, `"AA"`, 1), 0},
		"realm of another State": {strings.Replace(good, labRealm, "operational", 1), 0},
		"negative undo":          {good + "undo = \"-1s\"\n", 0},
		"long undo":              {good + "undo = \"2h\"\n", 0},
		"NUL":                    {good + "relay = \"a\x00b\"\n", 4},
		"a relay without a port": {good + "relay = \"relay.example\"\n", 0},
		"unknown quota":          {good + "[quota]\nenvelops = 500\n", 5},
		"quota below its floor":  {good + "[quota]\nenvelopes = 10\n", 0},
		"quota beyond numbers":   {good + "[quota]\nbytes = 9000000000000000000\n", 0},
		"negative quota":         {good + "[quota]\nbytes = -1\n", 0},
		"mistyped table":         {good + "[retentoin]\nclosed_threads = \"5y\"\n", 4},
		"table without its key":  {good + "[retention]\n", 0},
		"unknown retention":      {good + "[retention]\nopen_threads = \"30d\"\n", 5},
		"retention in years":     {good + "[retention]\nclosed_threads = \"5y\"\n", 5},
		"retention of nothing":   {good + "[retention]\nclosed_threads = \"0d\"\n", 5},
		"negative retention":     {good + "[retention]\nclosed_threads = \"-30d\"\n", 5},
		"retention for ages":     {good + "[retention]\nclosed_threads = \"36501d\"\n", 5},
		"a number alone":         {good + "[retention]\nclosed_threads = 30\n", 5},
		"short, in operation":    {"state = \"AA\"\nrealm = \"operational\"\ntracks = [\"technical\"]\n[retention]\nclosed_threads = \"29d\"\n", 5},
		"a door without a port":  {good + "[door]\nlisten = \"192.0.2.1\"\n", 5},
		"a door on any address":  {good + "[door]\nlisten = \":42421\"\n", 5},
		"a door with a name":     {good + "[door]\nlisten = \"node.example:42421\"\n", 5},
		"a door on port 0":       {good + "[door]\nlisten = \"192.0.2.1:0\"\n", 5},
		"a door without TLS":     {good + "[door]\nlisten = \"0.0.0.0:42421\"\ntls = false\n", 6},
		"a door without log-in":  {good + "[door]\nlisten = \"0.0.0.0:42421\"\nanonymous = true\n", 6},
		"a rule without a unit":  {good + "[deadlines.acknowledge]\nroutine = \"8h\"\n[deadlines.answer]\nroutine = \"8\"\n", 7},
		"a rule of no time":      {good + "[deadlines.answer]\nurgent = \"0s\"\n", 5},
		"a rule of ten years":    {good + "[deadlines]\nanswer = { urgent = \"87600h\" }\n", 5},
		"a level that is none":   {good + "[deadlines.answer]\nroutine = \"8h\"\ncritical = \"1h\"\n", 6},
		"health for all":         {good + "[health]\nlisten = \"0.0.0.0:42480\"\n", 5},
		"health beyond":          {good + "[health]\nlisten = \"192.0.2.1:42480\"\nbeyond_this_machine = false\n", 5},
		"health without a port":  {good + "[health]\nlisten = \"127.0.0.1\"\n", 5},
		"health on port 0":       {good + "[health]\nlisten = \"127.0.0.1:0\"\n", 5},
		"health by a name":       {good + "[health]\nlisten = \"localhost:42480\"\n", 5},
		"a look without end":     {good + "[health]\nverify_every = \"1ms\"\n", 5},
		"a look of next quarter": {good + "[health]\nverify_every = \"745h\"\n", 5},
		"a look at no time":      {good + "[health]\nverify_every = \"daily\"\n", 5},
		"a look before the last": {good + "[health]\nverify_every = \"-24h\"\n", 5},
		"a second without first": {good + "[away.second]\nemail = \"desk@cert.example\"\n[away.smtp]\nserver = \"mail.example:25\"\nfrom = \"valise@cert.example\"\n", 0},
		"a webhook without TLS":  {good + "[away]\n[away.first]\nwebhook = \"http://desk.example/\"\nwebhook_secret_file = \"keys/a.secret\"\n", 6},
		"a name of this machine": {good + "[away.first]\nwebhook = \"http://localhost/\"\nwebhook_secret_file = \"keys/a.secret\"\n", 5},
		"a webhook with log-in":  {good + "[away.first]\nwebhook = \"https://a:b@desk.example/\"\nwebhook_secret_file = \"keys/a.secret\"\n", 5},
		"no secret":              {good + "[away.first]\nwebhook = \"https://desk.example/\"\n", 5},
		"a secret beside keys":   {good + "[away.first]\nwebhook = \"https://desk.example/\"\nwebhook_secret_file = \"../a.secret\"\n", 6},
		"a shell's command":      {good + "[away.first]\ncommand = [\"page desk\"]\n", 5},
		"a command in one word":  {good + "[away.first]\ncommand = \"/bin/page\"\n", 5},
		"two addresses":          {good + "[away.first]\nemail = \"a@cert.example, b@cert.example\"\n", 5},
		"an address with a line": {good + "[away.first]\nemail = \"a@cert.example\\r\\nBcc: b@cert.example\"\n", 5},
		"email without a server": {good + "[away.first]\nemail = \"a@cert.example\"\n", 0},
		"a server without port":  {good + "[away.smtp]\nserver = \"mail.example\"\nfrom = \"a@cert.example\"\n", 5},
		"a user without secret":  {good + "[away.smtp]\nserver = \"mail.example:25\"\nfrom = \"a@cert.example\"\nuser = \"a\"\n", 0},
		"a language of nobody":   {good + "[away.first]\ncommand = [\"/bin/page\"]\nlanguage = \"de\"\n", 6},
		"a wish for a language":  {good + "[away.first]\nlanguage = \"fr-CA\"\ncommand = [\"/bin/page\"]\n", 5},
		"no such time of day":    {good + "[away]\nall_quiet = \"25:00\"\n", 5},
		"no pause":               {good + "[away]\npause = \"0s\"\n", 5},
		"an unknown way":         {good + "[away.first]\ntelephone = \"+999\"\n", 5},
		"empty":                  {"", 0},
	} {
		_, err := node.ParseConfig([]byte(c.text))
		var fault *node.ConfigError
		if !errors.As(err, &fault) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.line != 0 && fault.Line != c.line {
			t.Errorf("%s: line %d, want %d: %v", name, fault.Line, c.line, err)
		}
		if node.ReasonOf(err) != valisev1.Reason_REASON_BAD_CONFIG {
			t.Errorf("%s: reason %s", name, node.ReasonOf(err))
		}
	}
}

// TestUndoThatIsNotWritten: what a person confirms can be taken back for ten seconds, unless the State
// has decided otherwise, also for no time at all.
func TestUndoThatIsNotWritten(t *testing.T) {
	for written, want := range map[string]time.Duration{"": node.DefaultUndo, "undo = \"0s\"\n": 0, "undo = \"30s\"\n": 30 * time.Second} {
		c, err := node.ParseConfig([]byte("state = \"XA\"\nrealm = \"" + labRealm + "\"\ntracks = [\"technical\"]\n" + written))
		if err != nil || c.Undo != want {
			t.Errorf("%q: undo %v, %v; want %v", written, c.Undo, err, want)
		}
	}
}

// FuzzParseConfig asserts that what parses prints to something that parses to the same.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("state = \"XA\"\nrealm = \"" + labRealm + "\"\ntracks = [\"technical\"]\nundo = \"1m\"\nrelay = \"a:1\"\n"))
	f.Add([]byte("state = \"AA\"\nrealm = \"operational\"\ntracks = [\"diplomatic\"]\nfour_eyes = [\"diplomatic\"]\n"))
	f.Add([]byte("state = \"XA\"\nrealm = \"" + labRealm + "\"\ntracks = [\"technical\"]\n[door]\nlisten = \"[2001:db8::1%a]:42421\"\n"))
	f.Add([]byte("state = \"XA\"\nrealm = \"" + labRealm + "\"\ntracks = [\"technical\"]\n[health]\nverify_every = \"24h\"\n"))
	f.Add([]byte("x = 1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := node.ParseConfig(b)
		if err != nil {
			return
		}
		again, err := node.ParseConfig(c.Format())
		if err != nil || again.State != c.State || again.Realm != c.Realm || again.Relay != c.Relay || again.Undo != c.Undo || again.Door != c.Door || again.Health != c.Health {
			t.Errorf("%+v came back as %+v, %v", c, again, err)
		}
	})
}
