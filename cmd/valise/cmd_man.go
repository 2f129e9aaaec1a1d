package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func newManCommand(p *program) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "man [COMMAND…]",
		Short: "Print the manual page of a command, or write all of them into a folder",
		Annotations: documented("the manual page of COMMAND, to be read with `man -l -`; `--out DIR` writes all of them",
			`{"page","text"}`, `{"folder","pages":[]}; with `+"`--out`"),
		Long: `valise man inquiry send | man -l - shows a page. With --out DIR every page is written into DIR,
which is made where it does not exist; pages of an earlier version are replaced.

` + exitTable,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if out != "" {
				return p.runManAll(cmd.Root(), out, args)
			}
			return p.runMan(cmd.Root(), args)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for all pages, such as /usr/local/share/man/man1")
	return cmd
}

func (p *program) runMan(root *cobra.Command, words []string) error {
	cmd, err := findCommand(root, words)
	if err != nil {
		return err
	}
	version, _ := builtFrom()
	text := manPage(cmd, version)
	return p.data(object{"page": manName(cmd), "text": text}, text)
}

func (p *program) runManAll(root *cobra.Command, out string, words []string) error {
	if len(words) > 0 {
		return usage("--out writes every page: name no command")
	}
	dir, err := absolute(out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pages are for every user of the machine
		return err
	}
	version, _ := builtFrom()
	pages := []string{}
	for _, cmd := range manPages(root) {
		name := manName(cmd) + ".1"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(manPage(cmd, version)), 0o644); err != nil { //nolint:gosec // as above
			return err
		}
		pages = append(pages, name)
	}
	return p.result(object{"folder": dir, "pages": pages}, fmt.Sprintf("wrote %d pages into %s", len(pages), dir))
}
