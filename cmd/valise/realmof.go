package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/BurntSushi/toml"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// place says what a folder is.
type place int

const (
	placeUnknown place = iota
	placeNode
	placeRegistry
	placeRoot
)

// markers are the files by which a folder is known, each with a realm in it.
var markers = []struct {
	file  string
	place place
}{
	{"valise.toml", placeNode}, {"registry.toml", placeRegistry}, {directory.KeySheetFile, placeRoot},
}

// look tells what a folder is and for which realm it was made. The room that owns the folder
// reads the rest of the file, strictly.
func look(dir string) (place, ident.Realm, error) {
	for _, m := range markers {
		realm, err := realmOf(dir, m.file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if _, ours := errors.AsType[*failure](err); err != nil && !ours {
			return placeUnknown, "", err
		}
		return m.place, realm, err
	}
	return placeUnknown, "", nil
}

// told are the files that name a realm in folders beside those: a relay, a lab, and an exercise with its lab inside.
var told = []string{"relay.toml", "lab.toml", "network/lab.toml"}

// realmIn is the realm of whatever folder dir is; "" where it is none of ours.
func realmIn(dir string) (ident.Realm, error) {
	is, realm, err := look(dir)
	if err != nil || is != placeUnknown {
		return realm, err
	}
	for _, file := range told {
		realm, err := realmOf(dir, file)
		if !errors.Is(err, fs.ErrNotExist) {
			return realm, err
		}
	}
	return "", nil
}

// realmOf reads the realm in a file of a folder.
func realmOf(dir, file string) (ident.Realm, error) {
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
	if err != nil {
		return "", err
	}
	var made struct {
		Realm string `toml:"realm"`
	}
	if _, err := toml.Decode(string(b), &made); err != nil {
		return "", refuse(valisev1.Reason_REASON_BAD_CONFIG, file+" is no TOML", "")
	}
	realm, err := ident.ParseRealm(made.Realm)
	if err != nil {
		return "", refuse(valisev1.Reason_REASON_BAD_CONFIG, file+": "+err.Error(), "")
	}
	return realm, nil
}

// writtenRealm is the line that says a realm, in a file that is no TOML any more.
var writtenRealm = regexp.MustCompile(`(?m)^\s*realm\s*=\s*["']([^"'\n]+)["']`)

// scrapOf is the realm that stands in what is left of a home; "" where none does.
func scrapOf(dir string) ident.Realm {
	files := make([]string, 0, len(markers)+len(told))
	for _, m := range markers {
		files = append(files, m.file)
	}
	for _, file := range append(files, told...) {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			continue
		}
		if found := writtenRealm.FindSubmatch(b); found != nil {
			if realm, err := ident.ParseRealm(string(found[1])); err == nil {
				return realm
			}
		}
	}
	return ""
}

// lookFor wants the home to be one kind of folder.
func (p *program) lookFor(want place, what, hint string) (dir string, realm ident.Realm, err error) {
	if dir, err = p.homeDir(); err != nil {
		return "", "", err
	}
	is, realm, err := look(dir)
	if err != nil {
		return "", "", err
	}
	if is != want {
		return "", "", refuse(valisev1.Reason_REASON_NOT_FOUND, dir+" is no "+what, hint)
	}
	return dir, realm, nil
}

// registry opens the manager's folder in the home.
func (p *program) registry() (*directory.Registry, string, error) {
	dir, realm, err := p.lookFor(placeRegistry, "manager's directory", "valise directory init makes one")
	if err != nil {
		return nil, "", err
	}
	r, err := directory.OpenRegistry(dir, realm)
	return r, dir, err
}

// nodeHome finds the home of a node and reads its configuration.
func (p *program) nodeHome() (string, node.Config, error) {
	dir, _, err := p.lookFor(placeNode, "home of a node", "valise node init makes one")
	if err != nil {
		return "", node.Config{}, err
	}
	config, err := nodeConfig(dir)
	return dir, config, err
}

// nodeConfig reads the configuration of a node whose home need not be that of the command.
func nodeConfig(dir string) (node.Config, error) {
	is, _, err := look(dir)
	if err != nil {
		return node.Config{}, err
	}
	if is != placeNode {
		return node.Config{}, refuse(valisev1.Reason_REASON_NOT_FOUND, dir+" is no home of a node", "valise node init makes one")
	}
	b, err := os.ReadFile(filepath.Join(dir, "valise.toml"))
	if err != nil {
		return node.Config{}, err
	}
	return node.ParseConfig(b)
}

// book opens the directory that a node's home holds; it needs none of the node's keys.
func (p *program) book() (*directory.Book, string, error) {
	book, _, dir, err := p.nodeBook()
	return book, dir, err
}

// nodeBook is book, and beside it how the node is configured.
func (p *program) nodeBook() (*directory.Book, node.Config, string, error) {
	dir, config, err := p.nodeHome()
	if err != nil {
		return nil, node.Config{}, "", err
	}
	book, err := bookIn(dir, config)
	return book, config, dir, err
}

func bookIn(dir string, c node.Config) (*directory.Book, error) {
	return directory.Open(filepath.Join(dir, "directory"), c.Realm)
}
