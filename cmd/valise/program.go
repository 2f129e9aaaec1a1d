package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// maxArgument bounds one argument: what is longer is text, and text comes from a file.
const maxArgument = 8 << 10

// program is one run of the command: its streams, its environment and the flags that every
// verb has.
type program struct {
	in  io.Reader
	out io.Writer
	err io.Writer
	env map[string]string

	home           string
	json           bool
	yes            bool
	lang           string
	as             string
	tokenFile      string
	door, identity string

	// realm is that of what this run speaks for, as soon as it is known, and exercise the name of its exercise.
	realm    ident.Realm
	exercise string

	// textFlags are the flags that put names or words on the command line, by command.
	textFlags map[*cobra.Command][]string
	now       func() time.Time
}

// Main runs the program as a shell would and returns its exit code. It touches neither
// os.Args nor the process environment, so that a test can run the real program.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := newProgram(stdin, stdout, stderr, environ)
	return p.run(ctx, args)
}

func newProgram(stdin io.Reader, stdout, stderr io.Writer, environ []string) *program {
	p := &program{
		in: stdin, out: stdout, err: stderr,
		env:       make(map[string]string, len(environ)),
		textFlags: make(map[*cobra.Command][]string),
		now:       time.Now,
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		p.env[name] = value
	}
	return p
}

func (p *program) run(ctx context.Context, args []string) int {
	root := newRootCommand(p)
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	// An error in the arguments is told in the form the caller asked for, although the
	// flags are not read yet.
	p.json, p.lang = slices.Contains(args, "--json"), wantedLanguage(args)
	if err := checkArguments(args); err != nil {
		return p.fail(err)
	}
	if err := root.ExecuteContext(ctx); err != nil {
		if ctx.Err() != nil && explain(err).reason == valisev1.Reason_REASON_TIMED_OUT {
			err = interrupted(err)
		}
		return p.fail(err)
	}
	return exitDone
}

// checkArguments refuses what no honest caller passes, before anything reads it.
func checkArguments(args []string) error {
	for _, a := range args {
		switch {
		case len(a) > maxArgument:
			return refuse(valisev1.Reason_REASON_BAD_REQUEST,
				"an argument is longer than 8 KiB", "put the text into a file and name it with --file")
		case !utf8.ValidString(a):
			return refuse(valisev1.Reason_REASON_BAD_TEXT, "an argument is not UTF-8", "")
		case strings.ContainsFunc(a, isControl):
			return refuse(valisev1.Reason_REASON_BAD_TEXT,
				"an argument holds a control character", "put the text into a file and name it with --file")
		}
	}
	return nil
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 }

// newRootCommand declares the whole tree. Each noun stands in a file of its own.
func newRootCommand(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "valise",
		Short: "Sealed inquiries between the points of contact of States",
		Long: `Valise carries inquiries about ICT incidents between the points of contact of
States: sealed so that only the addressee opens them, recorded at both ends.
It is not the directory of the United Nations and not endorsed by it.

` + exitTable,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noun,
		RunE:          showHelp,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err.Error()) })
	f := root.PersistentFlags()
	f.StringVar(&p.home, "home", "", "folder of the node, relay, directory or lab (default $VALISE_HOME, else the service's state folder)")
	f.BoolVar(&p.json, "json", false, "one JSON object a line on stdout, errors as one on stderr")
	f.BoolVar(&p.yes, "yes", false, "do not ask; needed by sends where there is no terminal")
	f.StringVar(&p.lang, "lang", "", "language of messages to people: ar, zh, en, fr, ru or es (default: that of LC_ALL, LC_MESSAGES or LANG)")
	f.StringVar(&p.as, "as", "", "act as this officer; needs the officer's token")
	f.StringVar(&p.door, "door", "", "HOST:PORT at which a node on another machine is reached, in place of --home; needs --identity")
	f.StringVar(&p.identity, "identity", "", "folder with officer.crt, officer.key and node.crt, as officer add --new-certificate makes it")
	f.StringVar(&p.tokenFile, "token-file", "", "file with the officer's token (default $CREDENTIALS_DIRECTORY/valise-token)")
	root.PersistentPreRunE = p.checkGlobals
	root.CompletionOptions.DisableDefaultCmd = true // completion is a command like the others
	root.AddCommand(
		newCompletionCommand(p),
		newConfigCommand(p),
		newConsentCommand(p),
		newConsoleCommand(p),
		newDemoCommand(p),
		newDirectoryCommand(p),
		newExerciseCommand(p),
		newInquiryCommand(p),
		newKeyCommand(p),
		newLabCommand(p),
		newManCommand(p),
		newNodeCommand(p),
		newNoticeCommand(p),
		newOfficerCommand(p),
		newRecordCommand(p),
		newRelayCommand(p),
		newVersionCommand(p),
	)
	root.SetHelpCommand(newHelpCommand())
	root.InitDefaultHelpCmd()
	sayWhatIsWanted(root)
	p.addCompletion(root)
	return root
}

// sayWhatIsWanted puts the form of the verb in the place of cobra's count of words.
func sayWhatIsWanted(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		sayWhatIsWanted(sub)
	}
	check := cmd.Args
	if check == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if _, ours := errors.AsType[*failure](err); err == nil || ours {
			return err
		}
		path := strings.TrimSuffix(cmd.CommandPath(), cmd.Name())
		return usageHint("too many or too few words: want "+path+cmd.Use, "see "+cmd.CommandPath()+" --help")
	}
}

// noun refuses words after a command that only has verbs: cobra would take a mistyped verb
// for an argument and answer with help and 0.
func noun(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := "no such command: " + cmd.CommandPath() + " " + shorten(args[0])
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usageHint(message, "did you mean "+cmd.CommandPath()+" "+near[0]+"?")
	}
	return usageHint(message, "see "+cmd.CommandPath()+" --help")
}

// showHelp is what a noun without a verb does: help on stdout where nothing was asked.
func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// nounCommand makes a command that only holds verbs.
func nounCommand(use, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: noun, RunE: showHelp}
	cmd.AddCommand(verbs...)
	return cmd
}

func (p *program) checkGlobals(cmd *cobra.Command, _ []string) error {
	if cmd.Flags().Changed("home") && p.home == "" {
		return usage("--home is empty")
	}
	if err := p.checkDoor(cmd); err != nil {
		return err
	}
	if err := p.checkLanguage(); err != nil {
		return err
	}
	if cmd.Flags().Changed("as") && !isOfficerName(p.as) {
		return usage("--as is no officer's name")
	}
	return nil
}

// checkDoor wants both that say how another machine is reached, or neither.
func (p *program) checkDoor(cmd *cobra.Command) error {
	if !cmd.Flags().Changed("door") && !cmd.Flags().Changed("identity") {
		return nil
	}
	if host, port, err := net.SplitHostPort(p.door); err != nil || host == "" || port == "" {
		return usageHint("--door names no place of a node on another machine", "--door HOST:PORT --identity DIR")
	}
	if p.identity == "" {
		return usageHint("--door needs the officer's --identity", "valise officer add --new-certificate DIR makes one")
	}
	if cmd.Flags().Changed("home") {
		return usage("--door and --home exclude each other")
	}
	return nil
}

// homeDir is where the verb works: --home, else $VALISE_HOME, else the service's state folder. What the verb
// tells from now on it tells for the realm of that folder.
func (p *program) homeDir() (string, error) {
	dir, err := p.findHome()
	if err == nil {
		p.learn(dir)
	}
	return dir, err
}

func (p *program) findHome() (string, error) {
	if p.door != "" {
		return "", usageHint("this verb works on a folder and not at a node on another machine", "run it on the machine of the home, with --home DIR")
	}
	for _, dir := range []string{p.home, p.env["VALISE_HOME"], firstPath(p.env["STATE_DIRECTORY"])} {
		if dir != "" {
			return absolute(dir)
		}
	}
	return "/var/lib/valise", nil
}

// ownHome is the folder of a verb that makes something: it must be named, so that nobody
// makes keys in a place they did not mean.
func (p *program) ownHome() (string, error) {
	if p.home == "" && p.env["VALISE_HOME"] == "" {
		return "", usageHint("say where with --home DIR", "")
	}
	return p.homeDir()
}

// absolute keeps the place although a later change of the working folder would move it.
func absolute(dir string) (string, error) {
	if strings.ContainsRune(dir, 0) {
		return "", usage("a folder name holds a NUL byte")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", errors.New("the working folder is gone, so a relative folder cannot be found")
	}
	return abs, nil
}

func firstPath(list string) string {
	first, _, _ := strings.Cut(list, ":")
	return first
}

// shorten keeps what a caller typed readable in an error without repeating a book.
func shorten(s string) string {
	const most = 60
	runes := []rune(s)
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most]) + "…"
}
