package relay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/conf"
	"github.com/nats-io/nats-server/v2/server"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// parse reads an accounts block as the server does.
func parse(t interface{ Fatal(...any) }, r *valisev1.Roster, admin string) *server.Options {
	text, err := relay.Accounts(r, admin)
	if err != nil {
		t.Fatal(err)
	}
	o := new(server.Options)
	if err := o.ProcessConfigString(text); err != nil {
		t.Fatal(err)
	}
	return o
}

// For any Roster: each connection key has its own account, and what its allow-list and the imports of
// its account name together is exactly its own slots and the requests on its own mailboxes; it may
// hear its own inbox alone.
func TestAllowListsAreExact(t *testing.T) {
	var parties []relaytest.Party
	for range 5 {
		parties = append(parties, relaytest.NewParty(t))
	}
	admin := relaytest.NewParty(t).NKey
	rapid.Check(t, func(t *rapid.T) {
		r := relaytest.RosterOf(1, parties[:rapid.IntRange(0, 5).Draw(t, "parties")]...)
		for _, m := range r.Mailboxes {
			m.SenderTokens = slices.DeleteFunc(m.SenderTokens, func(string) bool { return rapid.Bool().Draw(t, "leave out") })
		}
		o, imports := parse(t, r, admin), importsOf(t, r, admin)
		accounts := make(map[string]bool)
		for _, u := range o.Nkeys {
			if u.Nkey == admin {
				continue
			}
			if accounts[u.Account.Name] {
				t.Fatalf("two keys share an account")
			}
			accounts[u.Account.Name] = true
			checkUser(t, r, u)
			checkImports(t, r, u.Nkey, imports[u.Account.Name])
		}
		if len(o.Users) > 0 || len(accounts) != len(r.Mailboxes) {
			t.Fatalf("%d accounts for %d keys", len(accounts), len(r.Mailboxes))
		}
	})
}

// tokensTo are the tokens of a key that a mailbox admits.
func tokensTo(r *valisev1.Roster, m *valisev1.Mailbox, nkey string) (tokens []string) {
	for _, s := range r.GetSenders() {
		if slices.Contains(s.GetNkeys(), nkey) && slices.Contains(m.GetSenderTokens(), s.GetToken()) {
			tokens = append(tokens, s.GetToken())
		}
	}
	return tokens
}

func checkUser(t *rapid.T, r *valisev1.Roster, u *server.NkeyUser) {
	want := []string{"object.*"} // one object of the directory, by its name
	for _, m := range r.GetMailboxes() {
		for _, token := range tokensTo(r, m, u.Nkey) {
			for n := range 323 {
				want = append(want, fmt.Sprintf("v1.*.%s.%d", token, n))
			}
		}
		if slices.Contains(m.GetOwnerNkeys(), u.Nkey) {
			want = append(want, "box."+m.GetName()+".next", "box."+m.GetName()+".info", "box."+m.GetName()+".purge", "$JS.ACK.MB_"+m.GetName()+".owner.>")
		}
	}
	slices.Sort(want)
	got := slices.Sorted(slices.Values(u.Permissions.Publish.Allow))
	if want = slices.Compact(want); !slices.Equal(got, want) {
		t.Fatalf("%d subjects allowed, want %d", len(got), len(want))
	}
	for _, s := range got {
		if s == "object.*" {
			continue
		}
		slot, isSlot := strings.CutPrefix(s, "v1.*.")
		if strings.Contains(slot, "*") || isSlot && strings.Contains(slot, ">") || strings.HasPrefix(slot, "v1") ||
			strings.HasPrefix(s, "_") || strings.HasPrefix(s, "$JS.API") {
			t.Fatalf("%q is allowed", s)
		}
	}
	if hear := u.Permissions.Subscribe.Allow; !slices.Equal(hear, []string{"_IN." + u.Nkey + ".>", "o1.head"}) {
		t.Fatalf("may hear %q", hear)
	}
	if u.Permissions.Response != nil || len(u.Permissions.Publish.Deny)+len(u.Permissions.Subscribe.Deny) > 0 {
		t.Fatalf("rights that are no allow-list")
	}
}

// importsOf reads the imports of each account, as "subject" or "subject as name".
func importsOf(t *rapid.T, r *valisev1.Roster, admin string) map[string][]string {
	text, err := relay.Accounts(r, admin)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := conf.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]string)
	for name, account := range parsed["accounts"].(map[string]any) {
		imports, _ := account.(map[string]any)["imports"].([]any)
		for _, line := range imports {
			fields := line.(map[string]any)
			for _, kind := range []string{"service", "stream"} {
				if from, ok := fields[kind].(map[string]any); ok {
					subject := kind + " " + from["subject"].(string)
					if to, ok := fields["to"].(string); ok {
						subject += " as " + to
					}
					all[name] = append(all[name], subject)
				}
			}
		}
	}
	return all
}

// checkImports: a pair of mailbox and token for each right to write, four requests for each mailbox of
// one's own, the directory's objects, and nothing beside.
func checkImports(t *rapid.T, r *valisev1.Roster, nkey string, got []string) {
	want := []string{"service $JS.API.DIRECT.GET.OBJECTS.o1.* as object.*", "stream o1.head"}
	for _, m := range r.GetMailboxes() {
		for _, token := range tokensTo(r, m, nkey) {
			want = append(want, "service v1."+m.GetName()+"."+token+".*")
		}
		if slices.Contains(m.GetOwnerNkeys(), nkey) {
			mb, box := "MB_"+m.GetName(), "box."+m.GetName()
			want = append(want, "service $JS.API.CONSUMER.MSG.NEXT."+mb+".owner as "+box+".next",
				"service $JS.API.CONSUMER.INFO."+mb+".owner as "+box+".info",
				"service $JS.API.STREAM.PURGE."+mb+" as "+box+".purge", "service $JS.ACK."+mb+".owner.>")
		}
	}
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Fatalf("imports\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A key that owns nothing and sends nothing must not fall into "no list: all allowed".
func TestKeyWithoutRightsHasNone(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	r := relaytest.RosterOf(1, a, b)
	for _, m := range r.Mailboxes {
		m.SenderTokens = nil
		m.OwnerNkeys = nil
	}
	o := parse(t, r, relaytest.NewParty(t).NKey)
	if len(o.Nkeys) != 1 {
		t.Errorf("%d logins, want the admin's alone", len(o.Nkeys))
	}
}

func TestConfigRefuses(t *testing.T) {
	a := relaytest.NewParty(t)
	admin := relaytest.NewParty(t).NKey
	good := relay.ServerConfig{Listen: "127.0.0.1:4222", Name: "n", StoreDir: "s", CertFile: "c", KeyFile: "k", AdminKey: admin}
	if _, err := relay.Config(nil, good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*relay.ServerConfig){
		"no name":          func(c *relay.ServerConfig) { c.Name = "" },
		"quote in a path":  func(c *relay.ServerConfig) { c.StoreDir = "x\"\nhttp: 0.0.0.0:1" },
		"line in a path":   func(c *relay.ServerConfig) { c.KeyFile = "x\ny" },
		"no admin":         func(c *relay.ServerConfig) { c.AdminKey = "" },
		"admin is a word":  func(c *relay.ServerConfig) { c.AdminKey = "admin" },
		"admin on roster":  func(c *relay.ServerConfig) { c.AdminKey = a.NKey },
		"quote in address": func(c *relay.ServerConfig) { c.Listen = "\"" },
		"cluster of none":  func(c *relay.ServerConfig) { c.Cluster = &relay.ClusterConfig{} },
		"cluster of no key": func(c *relay.ServerConfig) {
			c.Cluster = &relay.ClusterConfig{Name: "c", Listen: "127.0.0.1:1", Routes: []string{"127.0.0.1:1"}}
		},
		"cluster without routes": func(c *relay.ServerConfig) {
			c.Cluster = &relay.ClusterConfig{Name: "c", Listen: "127.0.0.1:1", TLSKey: make([]byte, 32)}
		},
		"route with a password": func(c *relay.ServerConfig) {
			c.Cluster = &relay.ClusterConfig{Name: "c", Listen: "127.0.0.1:1", TLSKey: make([]byte, 32), Routes: []string{"u:p@127.0.0.1:1"}}
		},
	} {
		c := good
		change(&c)
		if _, err := relay.Config(relaytest.RosterOf(1, a), c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := relay.Config(&valisev1.Roster{}, good); err == nil {
		t.Error("a roster that breaks the rules: taken")
	}
}

// ExamineConfig names each way in which a server's configuration is unsafe.
func TestExamineConfig(t *testing.T) {
	dir := t.TempDir()
	if _, err := relay.Init(dir, relay.InitConfig{Listen: "127.0.0.1:4222", Realm: relaytest.Realm}); err != nil {
		t.Fatal(err)
	}
	a, b, stranger := relaytest.NewParty(t), relaytest.NewParty(t), relaytest.NewParty(t)
	roster := relaytest.RosterOf(1, a, b)
	admin := relaytest.NewParty(t).NKey
	text, err := relay.Config(roster, relay.ServerConfig{
		Listen: "127.0.0.1:4222", Name: "n", StoreDir: filepath.Join(dir, "js"), AdminKey: admin,
		CertFile: filepath.Join(dir, "relay.crt"), KeyFile: filepath.Join(dir, "relay.key"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"as written", "", "", ""},
		{"old TLS", `min_version: "1.3"`, `min_version: "1.2"`, "older than 1.3"},
		{"no TLS", "", "", "without TLS"},
		{"TLS or none", "max_payload:", "allow_non_tls: true\nmax_payload:", "without TLS"},
		{"INFO before TLS", "handshake_first: true", "handshake_first: false", "before TLS"},
		{"default sync", "sync_interval: always", `sync_interval: "2m"`, "power failure"},
		{"small messages", "max_payload: 307200", "max_payload: 1000", "largest envelopes"},
		{"leaf nodes", "max_payload:", "leafnodes { listen: \"127.0.0.1:7422\" }\nmax_payload:", "leafnodes"},
		{"websocket", "max_payload:", "websocket { listen: \"127.0.0.1:7423\", no_tls: true }\nmax_payload:", "websocket"},
		{"mqtt", "max_payload:", "mqtt { listen: \"127.0.0.1:7424\" }\nmax_payload:", "mqtt"},
		{"monitoring", "max_payload:", "http: \"0.0.0.0:8222\"\nmax_payload:", "monitoring"},
		{"few connections", "max_connections: 72", "max_connections: 3", "connections"},
		{"little room", "sync_interval: always", "sync_interval: always\n  max_file_store: 1MB", "JetStream may use"},
		{"a cluster without TLS", "max_payload:", "cluster { name: c, listen: \"127.0.0.1:7425\" }\nmax_payload:", "without TLS"},
		{"a cluster without pins", "max_payload:", "cluster { name: c, listen: \"127.0.0.1:7425\", tls { cert_file: \"CERT\", key_file: \"KEY\" } }\nmax_payload:", "compare"},
		{"an old cluster", "max_payload:", "cluster { name: c, listen: \"127.0.0.1:7425\", tls { cert_file: \"CERT\", key_file: \"KEY\", min_version: \"1.2\" } }\nmax_payload:", "admit TLS older"},
		{"monitoring at home", "max_payload:", "http: \"127.0.0.1:8222\"\nmax_payload:", ""},
		{"a stranger", "accounts {", "accounts {\n  X { users: [ { nkey: " + stranger.NKey + " } ] }\n", "not on the roster"},
		{"a password", "accounts {", "accounts {\n  X { users: [ { user: u, password: p } ] }\n", "not on the roster"},
		{"a wildcard", "." + b.Token + ".0\"", "." + b.Token + ".*\"", "other rights"},
		{"any token", "v1.*." + b.Token + ".0\"", "v1.*.*.0\"", "other rights"},
		{"every mailbox imported", "imports: [\n", "imports: [\n{ service: { account: RELAY, subject: \"v1.*." + b.Token + ".*\" } }\n", "other mailboxes"},
		{"one mailbox more", "imports: [\n", "Imports: [\n{ service: { account: RELAY, subject: \"v1." + a.Mailbox + "." + a.Token + ".*\" } }\n", "other mailboxes"},
		{"imports in two places", "    imports: [\n", "    Imports: [ { service: { account: RELAY, subject: \"v1." + a.Mailbox + "." + a.Token + ".*\" } } ]\n    imports: [\n", "other mailboxes"},
		{"another name for a slot", "    imports: [\n", "    mappings: { \"v1.x.x.0\": \"v1." + b.Mailbox + "." + a.Token + ".999\" }\n    imports: [\n", "other mailboxes"},
		{"the relay offers more", "exports: [\n", "exports: [\n{ service: \"$JS.API.>\" }\n", "relay's own account"},
		{"all ears", "_IN." + a.NKey + ".>", ">", "other rights"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "server.conf")
			files := strings.NewReplacer("CERT", filepath.Join(dir, "relay.crt"), "KEY", filepath.Join(dir, "relay.key"))
			changed := strings.Replace(text, c.old, files.Replace(c.new), 1)
			if c.name == "no TLS" { // the parser refuses unknown blocks
				start := strings.Index(text, "tls {")
				changed = text[:start] + text[start+strings.Index(text[start:], "}")+1:]
			}
			if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			checkFindings(t, path, roster, admin, c.want)
		})
	}
	t.Run("an older roster", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "server.conf")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		next := proto.Clone(roster).(*valisev1.Roster)
		next.Number = 2
		next.Senders[0].Nkeys = []string{stranger.NKey}
		checkFindings(t, path, next, admin, "cannot log in")
	})
}

func checkFindings(t *testing.T, path string, r *valisev1.Roster, admin, want string) {
	t.Helper()
	found, err := relay.ExamineConfig(path, r, admin)
	if err != nil {
		t.Fatal(err)
	}
	named := want == ""
	for _, f := range found {
		if want == "" && f.Level != relay.Fine {
			t.Errorf("%s: %s", f.Level, f.What)
		}
		if want != "" && strings.Contains(f.What, want) {
			named = f.Level != relay.Fine && f.Fix != ""
		}
	}
	if !named {
		t.Errorf("findings %v do not name %q with a remedy", found, want)
	}
}
