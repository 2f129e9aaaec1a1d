package directory

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Files visits every file that the book needs to be opened again elsewhere, by its name within the
// folder, with slashes: objects first and last the one that names them. No change can come between
// two of them. A book without a list has none. The error is visit's, or a *Refusal.
// docs/protocol.md §8.3
func (b *Book) Files(visit func(name string, content []byte) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	unlock, err := lockFolder(b.dir, false)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := b.reload(); err != nil {
		return err
	}
	_, named := b.Snapshot().held.describe()
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if err := b.visit(objectsFolder+"/"+name, maxObjectSize, visit); err != nil {
			return err
		}
	}
	if len(named) == 0 {
		return nil
	}
	return b.visit(currentFile, maxCurrentSize, visit)
}

func (b *Book) visit(name string, limit int64, visit func(string, []byte) error) error {
	content, err := readBounded(filepath.Join(b.dir, filepath.FromSlash(name)), limit)
	if err != nil {
		return err
	}
	if content == nil {
		return storage(fmt.Errorf("a file of the book is gone: %w", os.ErrNotExist))
	}
	return visit(name, content)
}
