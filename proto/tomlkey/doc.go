// Package tomlkey finds where a key stands in a TOML file, so that every room that reads one strictly
// names the line of what it does not know: the decoder knows positions only of what it decodes. [Line] finds one
// key by its lines; [Scan] walks a whole file, also within lists and inline tables, and refuses what is larger or
// deeper than its reader can mean. [Quote] writes a string so that it comes back as it was.
//
// # What this package must never do
//
// Decode, judge or repeat what a file holds.
//
// # On disk
//
// Nothing.
package tomlkey

import "strings"

// Line is the line, from 1, of a key with its tables, such as "away", "first", "email", or of a table of
// that name. A key that is not found by itself, as within a table that is written on one line, stands where
// its table does; 0 where nothing is found. docs/protocol.md §10
func Line(file []byte, key ...string) int {
	lines := strings.Split(string(file), "\n")
	for ; len(key) > 0; key = key[:len(key)-1] {
		if n := exact(lines, key); n > 0 {
			return n
		}
	}
	return 0
}

func exact(lines []string, key []string) int {
	full, table := strings.Join(key, "."), ""
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			name, _, _ := strings.Cut(strings.TrimLeft(line, "["), "]")
			if table = strings.TrimSpace(name); table == full {
				return i + 1
			}
			continue
		}
		name, _, found := strings.Cut(line, "=")
		name = strings.Trim(name, " \t\"'")
		if found && (table == "" && name == full || table != "" && table+"."+name == full) {
			return i + 1
		}
	}
	return 0
}
