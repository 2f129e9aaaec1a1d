package node_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/api"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// TestOfficersFindARestoredNode: a home that is made from a backup has the door that officers know,
// and knows them; so has one that lost its certificate and kept the key. No file of the door is open
// to others.
func TestOfficersFindARestoredNode(t *testing.T) {
	n := newNetwork(t)
	home := n.Home("XA")
	address := withDoor(t, home)
	x, stop := n.node("XA")
	if _, _, err := node.DoorCertificate(n.Home("XB")); node.ReasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
		t.Errorf("a home without a door has a certificate: %v", err)
	}
	identity := newIdentity(t, x, home)
	call := func(what string) {
		conn, err := api.DialTCP(context.Background(), address, identity, api.DialOptions{})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		defer conn.Close()
		me, err := valisev1.NewOfficerServiceClient(conn).WhoAmI(context.Background(), &valisev1.WhoAmIRequest{})
		if err != nil || me.GetOfficer().GetName() != "remote" {
			t.Errorf("%s: %v, %v", what, me, err)
		}
	}
	call("at first")
	file, _, err := node.DoorCertificate(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{node.DoorCertificateFile, filepath.Join("keys", "door.key")} {
		if info, err := os.Stat(filepath.Join(home, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, %v", name, info, err)
		}
	}
	stop()
	backup := backUpClosed(t, home)
	restoreInPlace(t, n, "XA", backup, time.Now)
	_, stop = n.node("XA")
	call("after the restore")
	if again, _, err := node.DoorCertificate(home); err != nil || !bytes.Equal(file, again) {
		t.Errorf("the certificate is another one: %v", err)
	}
	stop()
	if err := os.Remove(filepath.Join(home, node.DoorCertificateFile)); err != nil {
		t.Fatal(err)
	}
	n.node("XA")
	call("without its certificate")
}

// newIdentity adds the officer "remote" and gives what they come with.
func newIdentity(t *testing.T, x *node.Node, home string) api.Identity {
	t.Helper()
	certificate, pin := newCertificate(t)
	_, door, err := node.DoorCertificate(home)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := x.Officers().Add(context.Background(), administrator, &valisev1.Officer{Name: "remote", Roles: []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}, Certificate: pin.String()}, false); err != nil {
		t.Fatal(err)
	}
	return api.Identity{Certificate: certificate, Node: door}
}

func newCertificate(t *testing.T) (tls.Certificate, api.Pin) {
	t.Helper()
	key, err := api.NewDoorKey()
	if err != nil {
		t.Fatal(err)
	}
	file, err := api.NewCertificate(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := tls.X509KeyPair(file, api.KeyPEM(key))
	if err != nil {
		t.Fatal(err)
	}
	pin, err := api.PinOfPEM(file)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, pin
}
