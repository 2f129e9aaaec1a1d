package scenario

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed bundled/*.toml
var bundled embed.FS

// Bundled names the scenarios that the program brings along, in the order of the alphabet. docs/scenario.md §11
func Bundled() []string {
	entries, err := fs.ReadDir(bundled, "bundled")
	if err != nil {
		return nil // cannot be: the folder is part of the program
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".toml")
	}
	slices.Sort(names)
	return names
}

// Open is the file of a bundled scenario. The second result is false where there is none of that name, as where
// it is the path of a file that the caller reads: this package opens none.
func Open(name string) ([]byte, bool) {
	if !namePattern.MatchString(name) {
		return nil, false
	}
	b, err := bundled.ReadFile("bundled/" + name + ".toml")
	return b, err == nil
}
