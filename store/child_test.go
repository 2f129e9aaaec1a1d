package store

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
)

// TestAChildThatCannotStart says nothing of the file: a sound record is not called damaged because
// this machine has no room for another process. P6
func TestAChildThatCannotStart(t *testing.T) {
	output, err := converse(context.Background(), filepath.Join(t.TempDir(), "no program"), nil)
	_, err = readAnswer(context.Background(), output, err)
	if _, damaged := errors.AsType[*Damaged](err); damaged || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v, want that the record cannot be checked", err)
	}
}

// One that ran and ended without an answer may have been ended by what it read.
func TestAChildWithoutAnAnswer(t *testing.T) {
	_, err := readAnswer(context.Background(), []byte("half an ans"), nil)
	if _, damaged := errors.AsType[*Damaged](err); !damaged {
		t.Fatalf("%v, want damaged", err)
	}
}
