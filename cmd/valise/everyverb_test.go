package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	valisev1 "valise.example/proto/valise/v1"
)

// hostileArguments are what no honest caller passes to any verb. reliability.md 61
var hostileArguments = map[string][]string{
	"NUL":                 {"a\x00b"},
	"no UTF-8":            {"X\xff"},
	"an escape sequence":  {"\x1b]0;x\x07"},
	"a C1 control":        {"\u009b31m"},
	"a line feed":         {"a\nb"},
	"a mebibyte":          {strings.Repeat("a", 1<<20)},
	"an unknown flag":     {"--no-such-flag"},
	"a secret":            {"--passphrase=x"},
	"an empty home":       {"--home="},
	"an unknown language": {"--lang=tlh"},
	"a name like a flag":  {"--as=--yes"},
	"a name like a path":  {"--as=../x"},
	"forty words":         slices.Repeat([]string{"../x"}, 40),
	"forty flags":         append([]string{"--"}, slices.Repeat([]string{"--json"}, 40)...),
}

// TestEveryVerbRefusesHostileArguments: each verb, those that are added later too, ends at once
// with one error and has done nothing.
func TestEveryVerbRefusesHostileArguments(t *testing.T) {
	home := filepath.Join(t.TempDir(), "nowhere")
	for _, d := range catalogue(wholeTree()) {
		for name, arguments := range hostileArguments {
			args := slices.Concat(strings.Fields(d.name), []string{"--json", "--home", home}, arguments)
			if problem := refusesAtOnce(args); problem != "" {
				t.Errorf("valise %s with %s: %s", d.name, name, problem)
			}
		}
		for _, args := range badValues(d.cmd) {
			args = slices.Concat(strings.Fields(d.name), []string{"--json", "--home", home}, args)
			if problem := refusesAtOnce(args); problem != "" {
				t.Errorf("valise %s: %s", strings.Join(args, " "), problem)
			}
		}
	}
	if files, err := filepath.Glob(filepath.Join(filepath.Dir(home), "*")); err != nil || len(files) > 0 {
		t.Errorf("%v were made, %v", files, err)
	}
}

// refusesAtOnce says what is wrong with how the program ended.
func refusesAtOnce(args []string) string {
	exit, out, errs := runMain(args...)
	var object struct {
		Error struct {
			Reason, Message string
			Exit            int
		}
	}
	switch err := json.Unmarshal([]byte(errs), &object); {
	case err != nil:
		return "stderr is no JSON object: " + shorten(errs)
	case exit == exitDone || exit != object.Error.Exit:
		return "it ends with another code than it says"
	case valisev1.Reason_value["REASON_"+object.Error.Reason] == 0 || object.Error.Message == "":
		return "no reason is given: " + shorten(errs)
	case out != "" || len(errs) > 2000 || strings.Count(errs, "\n") != 1:
		return "more than one error is printed: " + shorten(out+errs)
	}
	return ""
}

// badValues gives each flag of a command that takes no text a value that it cannot take.
func badValues(cmd *cobra.Command) (all [][]string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		for _, value := range []string{"x", "-1x", "1e999", "99999999999999999999999"} {
			if kind := f.Value.Type(); !strings.HasPrefix(kind, "string") {
				all = append(all, []string{"--" + f.Name + "=" + value})
			}
		}
	})
	return all
}

// noSecrets are flags that sound like a secret: files, and the number from which the draws of an exercise come.
var noSecrets = []string{
	"relay init --key", "directory entry sign --node-keys", "directory others import --mapping",
	"exercise dry-run --seed", "exercise rehearse --seed", "exercise start --seed",
}

// TestNoFlagTakesASecret: an argument stands in the process list and in the history of the shell.
// reliability.md 60
func TestNoFlagTakesASecret(t *testing.T) {
	for _, d := range catalogue(wholeTree()) {
		d.cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if takesSecret(f.Name) && !slices.Contains(noSecrets, d.name+" --"+f.Name) {
				t.Errorf("valise %s --%s could take a secret: let it name a file (--…-file)", d.name, f.Name)
			}
		})
	}
	if !takesSecret("webhook-secret") || !takesSecret("passphrase") || takesSecret("token-file") || takesSecret("passphrase-fd") {
		t.Error("the check takes a secret for none, or a file for a secret")
	}
}

// takesSecret: what it names by -file, -fd or -out is a file.
func takesSecret(flag string) bool {
	for _, end := range []string{"-file", "-fd", "-out"} {
		if strings.HasSuffix(flag, end) {
			return false
		}
	}
	return slices.ContainsFunc([]string{"secret", "token", "pass", "seed", "key", "pin"}, func(word string) bool { return strings.Contains(flag, word) })
}

// TestNoVerbHidesAFlagOfAll: a flag that every verb has means the same in each; one of a verb's own
// with its name would take its place unseen.
func TestNoVerbHidesAFlagOfAll(t *testing.T) {
	root := wholeTree()
	for _, d := range catalogue(root) {
		root.PersistentFlags().VisitAll(func(all *pflag.Flag) {
			if own := d.cmd.Flags().Lookup(all.Name); own != nil && own != all {
				t.Errorf("valise %s has a --%s of its own", d.name, all.Name)
			}
		})
	}
}

// TestWordsAreForExercises: a flag that carries names or words is refused in operation, so it is
// declared with textFlag.
func TestWordsAreForExercises(t *testing.T) {
	p := newProgram(nil, nil, nil, nil)
	root := newRootCommand(p)
	found := 0
	for _, d := range catalogue(root) {
		d.cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !slices.Contains([]string{"title", "narrative", "text", "words", "note", "purpose", "reason", "with", "detail", "contact", "shown-as", "condition", "third-party", "agency"}, f.Name) {
				return
			}
			found++
			if !slices.Contains(p.textFlags[d.cmd], f.Name) {
				t.Errorf("valise %s --%s puts words on the command line: declare it with textFlag", d.name, f.Name)
			}
		})
	}
	if found < 7 {
		t.Errorf("only %d flags with words are found", found)
	}
}
