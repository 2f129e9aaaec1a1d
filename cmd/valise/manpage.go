package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manPages are the commands that have a page: all but the reserved ones.
func manPages(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			all = append(all, manPages(sub)...)
		}
	}
	return all
}

// manName is the name of a command's page: valise-inquiry-send.
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage writes a command's page in the man macros of troff, from the same texts as its help and
// docs/cli.md. It has no date: the same program writes the same bytes.
func manPage(cmd *cobra.Command, version string) string {
	var m roff
	m.line(`.TH "%s" "1" "" "valise %s" "Valise"`, strings.ToUpper(manName(cmd)), version)
	m.line(".nh") // a flag that is broken over two lines cannot be copied
	m.line(".ad l")
	m.section("NAME")
	m.text(manName(cmd) + " - " + cmd.Short)
	m.section("SYNOPSIS")
	m.line(`\fB%s\fP %s`, roffText(cmd.CommandPath()), roffText(strings.TrimSpace(synopsis(cmd))))
	m.section("DESCRIPTION")
	m.description(cmd)
	m.commands(cmd)
	m.flags("OPTIONS", cmd.NonInheritedFlags())
	m.flags("OPTIONS OF EVERY COMMAND", cmd.InheritedFlags())
	m.objects(cmd)
	m.section("EXIT STATUS")
	m.exits()
	m.section("NOTES")
	m.text(notForClassified)
	m.section("SEE ALSO")
	m.text(strings.Join(seeAlso(cmd), ", "))
	return m.String()
}

// notForClassified stands on every page that could be taken for more than it is.
const notForClassified = "Unless its State has decided otherwise, Valise is not for classified information."

func synopsis(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() {
		return "COMMAND"
	}
	return strings.TrimPrefix(cmd.Use, cmd.Name())
}

func seeAlso(cmd *cobra.Command) (pages []string) {
	if cmd.HasParent() {
		pages = append(pages, manName(cmd.Parent())+"(1)")
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			pages = append(pages, manName(sub)+"(1)")
		}
	}
	return pages
}

// roff is a page in the making.
type roff struct{ strings.Builder }

// line writes one line of troff as it stands.
func (m *roff) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *roff) section(title string) { m.line(".SH %s", title) }

// text writes words of ours so that nothing in them is taken for a macro.
func (m *roff) text(words string) { m.line("%s", roffText(words)) }

// item is a term and what it means.
func (m *roff) item(term, meaning string) {
	m.line(".TP")
	m.line(`\fB%s\fP`, roffText(term))
	m.text(meaning)
}

// description is the long help without its table of exit codes; what is indented there stays as
// it is.
func (m *roff) description(cmd *cobra.Command) {
	long, _, _ := strings.Cut(cmd.Long, exitTable)
	if strings.TrimSpace(long) == "" {
		long = cmd.Short + "."
	}
	for i, paragraph := range strings.Split(strings.TrimSpace(long), "\n\n") {
		if i > 0 {
			m.line(".PP")
		}
		if strings.HasPrefix(paragraph, " ") {
			m.line(".nf")
			m.text(paragraph)
			m.line(".fi")
			continue
		}
		m.text(paragraph)
	}
}

func (m *roff) commands(cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	m.section("COMMANDS")
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			m.item(sub.Name(), sub.Short)
		}
	}
}

func (m *roff) flags(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	m.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		kind, meaning := pflag.UnquoteUsage(f)
		m.item(strings.TrimSpace("--"+f.Name+" "+kind), meaning)
	})
}

// objects shows what --json prints. It may be broken after a comma only.
func (m *roff) objects(cmd *cobra.Command) {
	objects := objectsOf(cmd)
	if len(objects) == 0 {
		return
	}
	m.section("OUTPUT WITH --json")
	for i, o := range objects {
		if i > 0 {
			m.line(".PP")
			m.text("or")
			m.line(".PP")
		}
		m.line("%s", strings.ReplaceAll(roffText(o), ",", `,\:`))
	}
	m.line(".PP")
	m.text("A key with a question mark is there only where there is something to say.")
}

var exitLine = regexp.MustCompile(`(\d) ([^\d\n]+)`)

// exits turns the two columns of exitTable into one list.
func (m *roff) exits() {
	meanings := map[string]string{}
	for _, found := range exitLine.FindAllStringSubmatch(exitTable, -1) {
		meanings[found[1]] = strings.TrimSpace(found[2])
	}
	for code := range len(meanings) {
		name := fmt.Sprint(code)
		m.item(name, meanings[name])
	}
}

var inBackQuotes = regexp.MustCompile("`([^`]*)`")

// roffText escapes what troff would obey, and sets what is in back quotes in bold.
func roffText(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	s = inBackQuotes.ReplaceAllString(s, `\fB$1\fP`)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
