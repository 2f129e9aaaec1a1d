package directory

import "valise.example/proto/ident"

// Disk lets tests break the disk.
type Disk interface {
	write(path string, b []byte) error
	syncFolder(path string) error
	remove(path string) error
}

// BrokenDisk does the first Good operations and then fails every one.
type BrokenDisk struct {
	Good int
	Err  error
}

func (d *BrokenDisk) next() error {
	d.Good--
	if d.Good < 0 {
		return d.Err
	}
	return nil
}

func (d *BrokenDisk) write(path string, b []byte) error {
	if err := d.next(); err != nil {
		return err
	}
	return realDisk{}.write(path, b)
}

func (d *BrokenDisk) syncFolder(path string) error {
	if err := d.next(); err != nil {
		return err
	}
	return realDisk{}.syncFolder(path)
}

func (d *BrokenDisk) remove(path string) error {
	if err := d.next(); err != nil {
		return err
	}
	return realDisk{}.remove(path)
}

// OpenOn opens a book on a disk of the test.
func OpenOn(d Disk, dir string, realm ident.Realm) (*Book, error) { return openOn(d, dir, realm) }

// OpenRegistryOn opens a manager's folder on a disk of the test.
func OpenRegistryOn(d Disk, dir string, realm ident.Realm) (*Registry, error) {
	return openRegistryOn(d, dir, realm)
}

// BindingOf is what a manager signs beside the list.
var BindingOf = bindingOf

// ParseProposal is fuzzed by itself.
var ParseProposal = parseProposal

// ParseHead and ParseReadingKey are fuzzed.
var (
	ParseHead       = parseHead
	ParseReadingKey = parseReadingKey
)

// ParseBundleExport is fuzzed.
var ParseBundleExport = parseBundleExport

// ParseKeySheet is fuzzed.
var ParseKeySheet = parseKeySheet

// ParseManagerSet, ParseList and ParseRelayCard are fuzzed by themselves.
var (
	ParseManagerSet = parseManagerSet
	ParseList       = parseList
	ParseRelayCard  = parseRelayCard
)
