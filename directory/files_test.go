package directory_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"valise.example/directory"
)

// TestFilesMakeTheSameBookElsewhere: what Files visits is all that a book needs.
func TestFilesMakeTheSameBookElsewhere(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	if err := book.Files(func(name string, _ []byte) error { return errors.New("an empty book has " + name) }); err != nil {
		t.Fatal(err)
	}
	mustImport(t, book, first)
	second := first.next()
	second.leave("XE")
	mustImport(t, book, second)

	elsewhere, last := t.TempDir(), ""
	if err := os.Mkdir(filepath.Join(elsewhere, "objects"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := book.Files(func(name string, content []byte) error {
		last = name
		return os.WriteFile(filepath.Join(elsewhere, name), content, 0o600)
	}); err != nil {
		t.Fatal(err)
	}
	if last != "current.toml" {
		t.Errorf("the last file is %s: a copy that was cut off would look whole", last)
	}
	sameDirectory(t, book.Snapshot(), openBook(t, elsewhere).Snapshot())
	stop := errors.New("enough")
	if err := book.Files(func(string, []byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a visit that ends: %v", err)
	}
}

func TestBundleOfAnAddress(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	a := address(t, "XB/technical")
	if signed, highest := book.Snapshot().Bundle(a); signed != nil || highest != 0 {
		t.Errorf("an empty book has a bundle %v, number %d", signed, highest)
	}
	mustImport(t, book, first)
	signed, highest := book.Snapshot().Bundle(a)
	body, err := directory.ParseBundle(book.Realm(), signed)
	if err != nil || body.GetNumber() != highest || highest != first.bundles["XB/technical"].GetNumber() {
		t.Errorf("the bundle has number %d, the highest is %d: %v", body.GetNumber(), highest, err)
	}
}
