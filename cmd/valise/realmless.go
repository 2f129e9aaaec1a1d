package main

import "strings"

// forNoHome says why an object of --json has no "realm", by the command, and by the first key of the form where the
// command has other forms too. All others have one: whoever reads a line of theirs alone can tell an exercise from
// operation.
var forNoHome = map[string]string{
	"version":             "speaks of the program",
	"man":                 "speaks of the program",
	"completion":          "speaks of the program",
	"exercise lint":       "speaks of the file of a scenario, which any number of exercises can play",
	"exercise msel":       "speaks of the file of a scenario, which any number of exercises can play",
	"exercise rehearse":   "speaks of the file of a scenario, in as many realms as there are runs",
	"inquiry template":    "speaks of an empty draft, or of another tool's file: no node has seen either",
	"key ceremony script": "speaks of what people will do, in whichever realm",
}

// perhapsForNoHome says when an object of --json has no "realm".
var perhapsForNoHome = map[string]string{
	"node doctor":        "where nothing in the home tells it",
	"node upgrade check": "where nothing in the home tells it",
	"exercise verify":    "where the recording cannot be read",
	"exercise replay ok": "where the recording cannot be read",
}

// plainData says why lines that a command prints without --json bear no mark of an exercise: another program takes
// them as they are.
var plainData = map[string]string{
	"config show":            "TOML that can take the place of `valise.toml`; it names the realm",
	"directory entry edit":   "TOML of an entry, for `--file` of the same verb",
	"directory entry show":   "TOML of an entry",
	"relay config":           "the configuration of a server",
	"directory check report": "without `--out` a page or text of its own, with a banner; else marked",
	"inquiry escalate":       "without `--out` a page or text of its own, with a banner; else marked",
	"inquiry show":           "with `--format iodef` a document of RFC 8727, which says so at both ends; else marked",
	"record export":          "without `--out` the export itself, which says its realm; else marked",
	"record print":           "without `--out` the page itself, with a banner at both ends; else marked",
}

// formWithRealm adds the key that every object has unless it speaks for no home.
func formWithRealm(command, form string) string {
	of := command + " " + firstKey(form)
	if forNoHome[command] != "" || forNoHome[of] != "" || hasKey(form, "realm") {
		return form
	}
	optional := ""
	if perhapsForNoHome[command] != "" || perhapsForNoHome[of] != "" {
		optional = "?"
	}
	return `{"realm"` + optional + "," + form[1:]
}

func firstKey(form string) string {
	key, _, _ := strings.Cut(strings.TrimPrefix(form, `{"`), `"`)
	return key
}

// hasKey reports whether a form has a key of its own; those of objects within it are not.
func hasKey(form, key string) bool {
	depth := 0
	for i, r := range form {
		switch r {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return false
			}
		case '"':
			if depth == 1 && strings.HasPrefix(form[i:], `"`+key+`"`) {
				return true
			}
		}
	}
	return false
}
