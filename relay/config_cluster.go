package relay

import (
	"encoding/hex"
	"fmt"
	"net"
	"strings"
)

// ClusterConfig makes a server one of several that keep the same mailboxes. All of them have the
// relay's one key, so that a node's pin fits whichever it reaches.
type ClusterConfig struct {
	Name   string   // of the cluster, the same at every server
	Listen string   // host:port for the other servers; never open it to nodes
	Routes []string // host:port of every server's Listen
	TLSKey []byte   // SHA-256 of the relay's TLS key, 32 bytes
}

// maxRoutes bounds a cluster; three keep a mailbox when any one is lost.
const maxRoutes = 9

// write adds the block of the cluster. Servers believe one another everything, so each shows the
// relay's key to the other, and no other key is let in: what connects here without it could read
// and write every mailbox. docs/protocol.md §7.8
func (c *ClusterConfig) write(b *strings.Builder, s ServerConfig) error {
	if err := c.check(); err != nil {
		return err
	}
	fmt.Fprintf(b, "cluster {\n  name: %s\n  listen: %s\n  no_advertise: true\n", quote(c.Name), quote(c.Listen))
	fmt.Fprintf(b, "  tls {\n    cert_file: %s\n    key_file: %s\n    ca_file: %s\n    min_version: \"1.3\"\n", quote(s.CertFile), quote(s.KeyFile), quote(s.CertFile))
	// The certificate names no host. Its key is what counts, and is compared on both sides.
	fmt.Fprintf(b, "    insecure: true\n    pinned_certs: [ %s ]\n    timeout: 10\n  }\n", quote(hex.EncodeToString(c.TLSKey)))
	b.WriteString("  routes: [\n")
	for _, r := range c.Routes {
		fmt.Fprintf(b, "    %s\n", quote("nats://"+r))
	}
	b.WriteString("  ]\n}\n")
	return nil
}

func (c *ClusterConfig) check() error {
	if c.Name == "" || strings.ContainsAny(c.Name, "\" \r\n\x00") {
		return fmt.Errorf("relay: server configuration: the cluster's name is empty or cannot be written")
	}
	if len(c.TLSKey) != 32 {
		return fmt.Errorf("relay: server configuration: servers of a cluster do not connect without the relay's TLS key")
	}
	if len(c.Routes) == 0 || len(c.Routes) > maxRoutes {
		return fmt.Errorf("relay: server configuration: a cluster has 1 to %d routes", maxRoutes)
	}
	for _, a := range append([]string{c.Listen}, c.Routes...) {
		host, _, err := net.SplitHostPort(a)
		if err != nil || host == "" || strings.ContainsAny(a, "\"/@ \r\n\x00") {
			return fmt.Errorf("relay: server configuration: %.60q is no host:port", a)
		}
	}
	return nil
}
