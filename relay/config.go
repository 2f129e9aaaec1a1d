package relay

import (
	"fmt"
	"strings"

	"github.com/nats-io/nkeys"

	valisev1 "valise.example/proto/valise/v1"
)

// ServerConfig is what the configuration of a nats-server needs beside the Roster. Paths are
// written as they are.
type ServerConfig struct {
	Listen   string         // host:port; port -1 takes a free one
	Name     string         // server name, unique within a cluster
	StoreDir string         // where JetStream keeps its files
	CertFile string         // PEM
	KeyFile  string         // PEM
	AdminKey string         // public nkey of the relay's own login
	Cluster  *ClusterConfig // nil: a server alone
}

// Config writes the configuration of a nats-server (2.15 or later) as this relay would run it:
// TLS 1.3 only, one account for each connection key that names each place in a mailbox, allow-lists
// that name each slot, nothing else. A nil Roster lets nobody in but the relay's own login. Apply then makes the mailboxes.
// docs/protocol.md §7.8
//
// For a cluster, write one for each server; Accounts alone fits a server that is configured
// already.
func Config(r *valisev1.Roster, c ServerConfig) (string, error) {
	accounts, err := Accounts(r, c.AdminKey)
	if err != nil {
		return "", err
	}
	for _, s := range []string{c.Name, c.StoreDir, c.CertFile, c.KeyFile, c.Listen} {
		if s == "" || strings.ContainsAny(s, "\"\r\n\x00") {
			return "", fmt.Errorf("relay: server configuration: a name or path is empty or cannot be written")
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# written by valise relay config; write it again for a new roster, then reload\n")
	fmt.Fprintf(&b, "server_name: %s\nlisten: %s\n", quote(c.Name), quote(c.Listen))
	// docs/protocol.md §7.8: TLS 1.3 only, and no byte before it
	fmt.Fprintf(&b, "tls {\n  cert_file: %s\n  key_file: %s\n  min_version: \"1.3\"\n  handshake_first: true\n  timeout: 10\n}\n",
		quote(c.CertFile), quote(c.KeyFile))
	fmt.Fprintf(&b, "authorization { timeout: 10 }\n")
	fmt.Fprintf(&b, "max_payload: %d\nmax_pending: %d\nmax_connections: %d\n", MaxEnvelope, maxPending, 64+maxConnections*len(rightsOf(r)))
	fmt.Fprintf(&b, "ping_interval: \"20s\"\nping_max: 3\nwrite_deadline: \"10s\"\n")
	fmt.Fprintf(&b, "feature_flags { js_ack_fc_v2: false }\n")
	// What NATS acknowledged must survive a power failure. docs/protocol.md §7.8
	fmt.Fprintf(&b, "jetstream {\n  store_dir: %s\n  sync_interval: always\n  max_memory_store: 1MB\n}\n", quote(c.StoreDir))
	if c.Cluster != nil {
		if err := c.Cluster.write(&b, c); err != nil {
			return "", err
		}
	}
	b.WriteString(accounts)
	return b.String(), nil
}

// Accounts writes the accounts block alone, to be included by a server that has its own
// configuration.
//
// Each connection key has an account of its own, which imports each pair of mailbox and token
// that it may write to and three requests on its own mailboxes; its allow-list names the slots.
// Only what both name can be written. A reply subject named in a request is resolved among those
// imports: without this, the server itself would carry a reply to a mailbox or request that the
// sender may not use. docs/protocol.md §7.8
func Accounts(r *valisev1.Roster, adminKey string) (string, error) {
	if r != nil {
		if err := CheckRoster(r); err != nil {
			return "", err
		}
	}
	if !nkeys.IsValidPublicUserKey(adminKey) {
		return "", fmt.Errorf("relay: server configuration: the admin key is no public user nkey")
	}
	all := rightsOf(r)
	var b strings.Builder
	b.WriteString("accounts {\n")
	fmt.Fprintf(&b, "  %s {\n    jetstream: enabled\n    users: [ { nkey: %s } ]\n    exports: [\n", relayAccount, adminKey)
	for _, e := range []string{
		`{ service: "v1.*.*.*" }`,
		`{ service: "$JS.API.CONSUMER.MSG.NEXT.*.owner", response_type: stream, threshold: "30s" }`,
		`{ service: "$JS.API.CONSUMER.INFO.*.owner" }`,
		`{ service: "$JS.API.STREAM.PURGE.*" }`,
		`{ service: "$JS.ACK.*.owner.>" }`,
		`{ service: ` + quote(objectGet+"*") + ` }`,
		`{ stream: ` + quote(headSubject) + ` }`,
	} {
		fmt.Fprintf(&b, "      %s\n", e)
	}
	b.WriteString("    ]\n  }\n")
	for _, x := range all {
		if x.nkey == adminKey {
			return "", fmt.Errorf("relay: the roster names the relay's own admin key; nobody else may have it")
		}
		writeAccount(&b, x)
	}
	b.WriteString("}\n")
	return b.String(), nil
}

func writeAccount(b *strings.Builder, x rights) {
	fmt.Fprintf(b, "  %s%s {\n", nodePrefix, x.nkey)
	fmt.Fprintf(b, "    limits { max_connections: %d, max_subscriptions: %d, max_leafnodes: 0 }\n", maxConnections, maxConnections*maxSubscription)
	b.WriteString("    imports: [\n")
	service := func(subject, to string) {
		fmt.Fprintf(b, "      { service: { account: %s, subject: %s }", relayAccount, quote(subject))
		if to != "" {
			fmt.Fprintf(b, ", to: %s", quote(to))
		}
		b.WriteString(" }\n")
	}
	for _, p := range x.sends {
		service("v1."+p.mailbox+"."+p.token+".*", "")
	}
	for _, m := range x.owns {
		service("$JS.API.CONSUMER.MSG.NEXT."+streamName(m)+"."+consumerName, nextSubject(m))
		service("$JS.API.CONSUMER.INFO."+streamName(m)+"."+consumerName, infoSubject(m))
		service("$JS.API.STREAM.PURGE."+streamName(m), purgeSubject(m))
		service(ackPrefix(m)+">", "")
	}
	service(objectGet+"*", objectRequest+"*")
	fmt.Fprintf(b, "      { stream: { account: %s, subject: %s } }\n", relayAccount, quote(headSubject))
	b.WriteString("    ]\n")
	fmt.Fprintf(b, "    users: [ { nkey: %s, permissions: {\n", x.nkey)
	fmt.Fprintf(b, "      subscribe: { allow: [ %s ] }\n", quotedList(subscribeSubjects(x)))
	b.WriteString("      publish: { allow: [\n")
	for _, s := range publishSubjects(x) {
		b.WriteString("        ")
		b.WriteString(quote(s))
		b.WriteByte('\n')
	}
	b.WriteString("      ] }\n    } } ]\n  }\n")
}

// publishSubjects is the allow-list of one key: each slot of each of its tokens by its name, the
// requests on its own mailboxes, and the request for an object, which is for everybody. An inbox
// is never among them. Which mailboxes a token reaches is said once, by the imports of the account:
// a list of mailboxes times slots would be a million entries among forty nodes. docs/protocol.md §7.8
func publishSubjects(x rights) []string {
	tokens := x.tokens()
	subjects := make([]string, 0, len(tokens)*Slots+len(x.owns)*4+1) // the last is the request for an object
	for _, token := range tokens {
		for slot := range Slots {
			subjects = append(subjects, slotSubject("*", token, slot))
		}
	}
	for _, m := range x.owns {
		subjects = append(subjects, nextSubject(m), infoSubject(m), purgeSubject(m), ackPrefix(m)+">")
	}
	return append(subjects, objectRequest+"*")
}

// subscribeSubjects is what one key may hear: its own inbox, and that there is a new head.
// docs/protocol.md §7.8
func subscribeSubjects(x rights) []string { return []string{inboxOf(x.nkey) + ".>", headSubject} }

func quotedList(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	return strings.Join(quoted, ", ")
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `\`, `\\`) + `"` }
