package relay

import (
	"crypto/tls"
	"fmt"
	"net"
	"slices"

	"github.com/nats-io/nats-server/v2/server"

	valisev1 "valise.example/proto/valise/v1"
)

// ExamineConfig reads the configuration file of a nats-server and names what is not as this
// relay would run it: another transport, a missing sync, a door beside the front door, a
// right that the Roster does not give. adminKey is the public nkey of the relay's own login.
// docs/protocol.md §7.8
func ExamineConfig(path string, r *valisev1.Roster, adminKey string) ([]Finding, error) {
	if err := CheckRoster(r); err != nil {
		return nil, err
	}
	o, err := server.ProcessConfigFile(path)
	if err != nil {
		return nil, fmt.Errorf("relay: the server would not start with this configuration: %w", err)
	}
	var f findings
	examineTransport(&f, o)
	examineDoors(&f, o)
	examineCluster(&f, o)
	examineLimits(&f, o, r)
	examineRights(&f, o, r, adminKey)
	if err := examineImports(&f, path, r, adminKey); err != nil {
		return nil, err
	}
	if len(f) == 0 {
		f.fine("the configuration is as this relay would write it")
	}
	return f, nil
}

func examineTransport(f *findings, o *server.Options) {
	switch {
	case o.TLSConfig == nil || o.AllowNonTLS:
		f.add(Unsafe, "add the tls block that valise relay config writes", "connections without TLS are admitted")
	case o.TLSConfig.MinVersion < tls.VersionTLS13:
		f.add(Unsafe, `set min_version: "1.3" in the tls block`, "TLS older than 1.3 is admitted")
	case !o.TLSHandshakeFirst:
		f.add(Unsafe, "set handshake_first: true in the tls block", "nodes do not connect: they trust no byte before TLS")
	}
	if !o.JetStream || o.StoreDir == "" {
		f.add(Unsafe, "add the jetstream block that valise relay config writes", "there is no JetStream with a folder of its own")
	}
	if !o.SyncAlways {
		f.add(Unsafe, "set sync_interval: always in the jetstream block", "acknowledged mail may be lost in a power failure")
	}
	if o.MaxPayload < MaxEnvelope {
		f.add(Unsafe, fmt.Sprintf("set max_payload: %d", MaxEnvelope), "the largest envelopes are refused")
	}
}

func examineDoors(f *findings, o *server.Options) {
	for _, d := range []struct {
		open bool
		name string
	}{
		{o.LeafNode.Port != 0 || len(o.LeafNode.Remotes) > 0, "leafnodes"},
		{o.Websocket.Port != 0, "websocket"},
		{o.MQTT.Port != 0, "mqtt"},
		{o.Gateway.Name != "" || o.Gateway.Port != 0, "gateway"},
		{o.AuthCallout != nil, "auth_callout"},
		{o.NoAuthUser != "", "no_auth_user"},
		{o.ProfPort != 0, "prof_port"},
		{len(o.TrustedOperators) > 0, "operator"},
	} {
		if d.open {
			f.add(Unsafe, "remove "+d.name, "%s opens a door that the roster does not know", d.name)
		}
	}
	if ip := net.ParseIP(o.HTTPHost); (o.HTTPPort != 0 || o.HTTPSPort != 0) && (ip == nil || !ip.IsLoopback()) {
		f.add(Unsafe, "bind monitoring to 127.0.0.1", "monitoring tells everybody who connects when")
	}
}

// examineCluster: servers of a cluster believe one another everything.
func examineCluster(f *findings, o *server.Options) {
	const fix = "write the cluster block that valise relay config --cluster-listen writes"
	c := &o.Cluster
	switch {
	case c.Port == 0 && len(o.Routes) == 0:
		return
	case c.TLSConfig == nil:
		f.add(Unsafe, fix, "the servers of the cluster speak without TLS: whoever reaches that port reads and writes every mailbox")
	case c.TLSConfig.MinVersion < tls.VersionTLS13:
		f.add(Unsafe, fix, "the servers of the cluster admit TLS older than 1.3")
	}
	if c.TLSConfig != nil && len(c.TLSPinnedCerts) == 0 {
		f.add(Unsafe, fix, "the servers of the cluster do not compare each other's key with the relay's")
	}
}

// examineLimits: what would make senders wait although there is room.
func examineLimits(f *findings, o *server.Options, r *valisev1.Roster) {
	if need := maxConnections * len(rightsOf(r)); o.MaxConn > 0 && o.MaxConn < need {
		f.add(Caution, "raise max_connections", "the server admits %d connections and the nodes of the roster may need %d", o.MaxConn, need)
	}
	if need := worstBytes(r); o.JetStreamMaxStore > 0 && uint64(o.JetStreamMaxStore) < need {
		f.add(Caution, "raise or remove max_file_store", "JetStream may use %s and the mailboxes may need %s", inBytes(uint64(o.JetStreamMaxStore)), inBytes(need))
	}
	if o.MaxPayload > 0 && o.MaxPending > 0 && o.MaxPending < int64(o.MaxPayload) {
		f.add(Caution, "remove max_pending", "a node that reads slowly is cut off before its first envelope")
	}
}

// examineRights compares who may log in, and what for, with the Roster.
func examineRights(f *findings, o *server.Options, r *valisev1.Roster, adminKey string) {
	want := make(map[string]rights)
	for _, x := range rightsOf(r) {
		want[x.nkey] = x
	}
	strangers, wrong := len(o.Users), 0
	for _, u := range o.Nkeys {
		x, known := want[u.Nkey]
		switch {
		case u.Nkey == adminKey && u.Account != nil && u.Account.Name == relayAccount:
		case !known:
			strangers++
		case !hasRights(u, x):
			wrong++
		}
		delete(want, u.Nkey)
	}
	const fix = "write the accounts again with valise relay config and reload the server twice"
	if strangers > 0 {
		f.add(Unsafe, fix, "%d logins are not on the roster", strangers)
	}
	if wrong > 0 {
		f.add(Unsafe, fix, "%d logins have other rights than the roster gives", wrong)
	}
	if len(want) > 0 {
		f.add(Caution, fix, "%d connection keys of the roster cannot log in", len(want))
	}
}

func hasRights(u *server.NkeyUser, x rights) bool {
	if u.Account == nil || u.Account.Name != nodePrefix+x.nkey || u.Permissions == nil ||
		u.Permissions.Publish == nil || u.Permissions.Subscribe == nil || u.Permissions.Response != nil {
		return false
	}
	publish := slices.Sorted(slices.Values(u.Permissions.Publish.Allow))
	return slices.Equal(publish, slices.Sorted(slices.Values(publishSubjects(x)))) &&
		slices.Equal(u.Permissions.Subscribe.Allow, subscribeSubjects(x))
}
