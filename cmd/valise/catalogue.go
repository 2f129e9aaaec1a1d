package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// The keys of cobra.Command.Annotations under which documented keeps its arguments.
const (
	annotationRow     = "row"
	annotationObjects = "objects"
)

// documented makes the annotations of a command: what docs/cli.md and its man page say of it
// beside its help. row is one line that names its arguments and the flags that matter, with code
// in back quotes. Each of objects is one form of JSON object that it prints with --json, in the
// short form of docs/cli.md, which a remark may follow after "; "; a command without objects
// prints none. "realm" is left out: objectsOf puts it into each that forNoHome does not name. Whatever the test scripts print is held against them, so a key that is added is
// added here too.
func documented(row string, objects ...string) map[string]string {
	return map[string]string{annotationRow: row, annotationObjects: strings.Join(objects, "\n")}
}

// described is one command of the catalogue.
type described struct {
	cmd *cobra.Command
	// name is the command's path without the program's name: "inquiry send".
	name    string
	row     string
	objects []string
}

// catalogue lists what the tree documents, by name.
func catalogue(root *cobra.Command) (all []described) {
	for _, cmd := range root.Commands() {
		if cmd.Hidden {
			continue
		}
		if row := cmd.Annotations[annotationRow]; row != "" {
			all = append(all, described{cmd, commandName(cmd), row, objectsOf(cmd)})
		}
		all = append(all, catalogue(cmd)...)
	}
	return all
}

func commandName(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return name
}

// objectsOf are the forms of JSON object that a command prints, each with the realm of which it speaks.
func objectsOf(cmd *cobra.Command) []string {
	text := cmd.Annotations[annotationObjects]
	if text == "" {
		return nil
	}
	forms := strings.Split(text, "\n")
	for i, form := range forms {
		forms[i] = formWithRealm(commandName(cmd), form)
	}
	return forms
}
