package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// configName is the file of a node's settings inside its home.
const configName = "valise.toml"

func newConfigCommand(p *program) *cobra.Command {
	return nounCommand("config", "A node's settings: check them before it starts, and see what holds",
		newConfigCheckCommand(p),
		newConfigShowCommand(p),
	)
}

func newConfigCheckCommand(p *program) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read valise.toml as a start does, and look at the files it needs; ends with 2 and names the line",
		Annotations: documented("reads `valise.toml` of the home, or `--file`, as a start does; ends with 2 and names the line; warns of secrets that are missing, open to others or unknown",
			`{"ok","file","warnings":[]}`),
		Long: `A key that it does not know is an error. With --file only that text is read: check it before
it takes the place of the one in the home.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runConfigCheck(file) },
	}
	cmd.Flags().StringVar(&file, "file", "", "another file to check; - reads stdin")
	return cmd
}

func (p *program) runConfigCheck(file string) error {
	warnings := []string{}
	if file != "" {
		text, err := p.readText(file)
		if err != nil {
			return err
		}
		config, err := node.ParseConfig(text)
		if err != nil {
			return err
		}
		p.speaksFor(config.Realm)
	} else {
		dir, config, err := p.config()
		if err != nil {
			return err
		}
		secrets, err := config.Secrets(dir)
		if err != nil {
			return err
		}
		warnings, file = secretWarnings(secrets), filepath.Join(dir, configName)
	}
	lines := []string{file + " can be used"}
	for _, w := range warnings {
		lines = append(lines, "warning  "+w)
	}
	return p.result(object{"ok": true, "file": file, "warnings": warnings}, lines...)
}

// config reads the settings of the home.
func (p *program) config() (dir string, c node.Config, err error) {
	if dir, err = p.homeDir(); err != nil {
		return "", c, err
	}
	if _, err := os.Stat(filepath.Join(dir, configName)); errors.Is(err, fs.ErrNotExist) {
		return "", c, refuse(valisev1.Reason_REASON_NOT_FOUND, "there is no home of a node here", "valise node init makes one")
	}
	c, err = node.ReadConfig(dir)
	return dir, c, err
}

// notForClassified reports whether what is written here must not be classified, which a check page
// and every print say. It is so unless the settings of the home say otherwise: a label such as
// TLP:RED says who may read on and is no classification.
func (p *program) notForClassified() bool {
	_, c, err := p.config()
	return err != nil || !c.Classified
}

func secretWarnings(secrets []node.SecretFile) []string {
	warnings := []string{}
	for _, s := range secrets {
		switch s.State {
		case node.SecretMissing:
			warnings = append(warnings, s.Name+" is missing: put it back from a backup")
		case node.SecretOpen:
			warnings = append(warnings, s.Name+" is open to others: chmod 600, and make the home anew if others may have read a key")
		case node.SecretUnknown:
			warnings = append(warnings, s.Name+" is named by nothing in "+configName)
		case node.SecretKept:
		}
	}
	return warnings
}

func newConfigShowCommand(p *program) *cobra.Command {
	var effective bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print valise.toml, or with --effective everything that holds; never a secret",
		Annotations: documented("`valise.toml` as written, or with `--effective` everything that holds, defaults included; secrets are named by their files and never printed",
			`{"config":{},"file","secrets":[{"file","state"}]}; `+"`config` has the keys of `valise.toml`; `state` is `kept`, `open`, `missing` or `unknown`"),
		Long: `What it prints can be sent to whoever helps: valise.toml holds no secret, names no officer and
no peer. What is printed with --effective can take the place of valise.toml.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runConfigShow(effective) },
	}
	cmd.Flags().BoolVar(&effective, "effective", false, "with every default filled in")
	return cmd
}

func (p *program) runConfigShow(effective bool) error {
	dir, config, err := p.config()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, configName)
	text := config.Effective()
	if !effective {
		if text, err = os.ReadFile(file); err != nil {
			return err
		}
	}
	settings := map[string]any{}
	if _, err := toml.Decode(string(text), &settings); err != nil {
		return refuse(valisev1.Reason_REASON_BAD_CONFIG, "", "")
	}
	secrets, err := config.Secrets(dir)
	if err != nil {
		return err
	}
	list, lines := []object{}, []string{"# " + file, strings.TrimRight(string(text), "\n"), ""}
	for _, s := range secrets {
		list = append(list, object{"file": s.Name, "state": s.State})
		lines = append(lines, fmt.Sprintf("# %-8s %s", s.State, s.Name))
	}
	return p.data(object{"config": settings, "file": file, "secrets": list}, lines...)
}

// undo is how long a message that a person confirmed on the check page can still be taken back.
func (p *program) undo() time.Duration {
	_, c, err := p.config()
	if err != nil {
		return node.DefaultUndo
	}
	return c.Undo
}
