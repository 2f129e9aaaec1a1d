package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// Files of the folder that --identity names.
const (
	officerCertificate = "officer.crt"
	officerKey         = "officer.key"
	nodeCertificate    = "node.crt"
)

// dialNode calls the node that --door names, as the officer of --identity.
func (p *program) dialNode(ctx context.Context, options api.DialOptions) (*grpc.ClientConn, error) {
	identity, err := readIdentity(p.identity)
	if err != nil {
		return nil, err
	}
	return api.DialTCP(ctx, p.door, identity, options)
}

// readIdentity reads what an officer comes with: certificate and key, and the node's certificate.
func readIdentity(dir string) (api.Identity, error) {
	key, err := os.Open(filepath.Join(dir, officerKey))
	if err != nil {
		return api.Identity{}, noIdentity(dir, err)
	}
	defer key.Close()
	if err := onlyOurs(key, false); err != nil {
		return api.Identity{}, err
	}
	secret, err := readAtMost(key, maxCertificate, officerKey)
	if err != nil {
		return api.Identity{}, err
	}
	certificate, err := readCertificate(filepath.Join(dir, officerCertificate))
	if err != nil {
		return api.Identity{}, noIdentity(dir, err)
	}
	pair, err := tls.X509KeyPair(certificate, secret)
	if err != nil {
		return api.Identity{}, usage(officerCertificate + " and " + officerKey + " do not belong together, or one of them cannot be read")
	}
	file, err := readCertificate(filepath.Join(dir, nodeCertificate))
	if err != nil {
		return api.Identity{}, noIdentity(dir, err)
	}
	pin, err := api.PinOfPEM(file)
	return api.Identity{Certificate: pair, Node: pin}, err
}

func noIdentity(dir string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return refuse(valisev1.Reason_REASON_NOT_FOUND, "there is no identity in "+dir,
		"it holds "+officerCertificate+", "+officerKey+" and "+nodeCertificate+"; valise officer add --new-certificate makes one")
}

const maxCertificate = 64 << 10

func readCertificate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f, maxCertificate, filepath.Base(path))
}

// nodeCertificate is the certificate of the node that this caller reaches: that of the home, or over
// TCP the one that the caller knows already.
func (p *program) nodeCertificate() ([]byte, error) {
	if p.door != "" {
		return readCertificate(filepath.Join(p.identity, nodeCertificate))
	}
	home, err := p.homeDir()
	if err != nil {
		return nil, err
	}
	file, _, err := node.DoorCertificate(home)
	return file, err
}

// newIdentity makes a key and its certificate in a new folder, with the node's certificate beside
// them. The key never leaves the folder: the node learns its pin.
func (p *program) newIdentity(dir string) (pin api.Pin, err error) {
	known, err := p.nodeCertificate()
	if err != nil {
		return pin, err
	}
	key, err := api.NewDoorKey()
	if err != nil {
		return pin, err
	}
	certificate, err := api.NewCertificate(key)
	if err != nil {
		return pin, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return pin, err
	}
	for name, content := range map[string][]byte{officerKey: api.KeyPEM(key), officerCertificate: certificate, nodeCertificate: known} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return pin, errors.Join(err, os.RemoveAll(dir))
		}
	}
	return api.PinOfPEM(certificate)
}

// certificate is the pin that --certificate or --new-certificate stands for; empty where neither is
// given. undo takes away what was made, should the node not take the officer.
func (p *program) certificate(f *officerFlags) (pin string, undo func(), err error) {
	undo = func() {}
	switch {
	case f.certificate != "" && f.newCertificate != "":
		return "", undo, usage("--certificate and --new-certificate exclude each other")
	case f.newCertificate != "":
		made, err := p.newIdentity(f.newCertificate)
		if err != nil {
			return "", undo, err
		}
		return made.String(), func() { os.RemoveAll(f.newCertificate) }, nil
	case f.certificate != "":
		file, err := readCertificate(f.certificate)
		if err != nil {
			return "", undo, err
		}
		known, err := api.PinOfPEM(file)
		return known.String(), undo, err
	}
	return "", undo, nil
}
