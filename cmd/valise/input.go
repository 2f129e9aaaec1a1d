package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// maxText bounds a text file: no Content holds more. docs/protocol.md §4.1
const maxText = 1 << 20

// maxFile bounds any other file a verb reads, such as a directory bundle.
const maxFile = 64 << 20

// readInput reads a whole file, or stdin where the name is "-". Words reach a verb this way
// and never as an argument: arguments stand in the process list of the machine.
func (p *program) readInput(name string, most int64) ([]byte, error) {
	if name == "" {
		return nil, usage("a file name is empty")
	}
	if name == "-" {
		return readAtMost(p.in, most, "stdin")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f, most, shorten(name))
}

// readText reads text that people wrote.
func (p *program) readText(name string) ([]byte, error) {
	b, err := p.readInput(name, maxText)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(b) || bytes.ContainsRune(b, 0) {
		return nil, refuse(valisev1.Reason_REASON_BAD_TEXT, "the text of --file is not UTF-8 or holds a NUL byte", "")
	}
	return b, nil
}

func readAtMost(r io.Reader, most int64, name string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, refuse(valisev1.Reason_REASON_TOO_LARGE, fmt.Sprintf("%s is larger than %d bytes", name, most), "")
	}
	return b, nil
}

// secret is where a passphrase or token comes from: never from an argument.
type secret struct {
	file       string
	descriptor int
	credential string
}

// addPassphraseFlags declares the ways to hand over a passphrase.
func addPassphraseFlags(cmd *cobra.Command, s *secret) {
	s.credential = "valise-passphrase"
	cmd.Flags().StringVar(&s.file, "passphrase-file", "", "file with the passphrase of the keys (default $CREDENTIALS_DIRECTORY/valise-passphrase)")
	cmd.Flags().IntVar(&s.descriptor, "passphrase-fd", -1, "file descriptor from which the passphrase is read")
}

// read returns nil where none was given: the keys are plain then.
func (s *secret) read(p *program) ([]byte, error) {
	if s.descriptor >= 0 && s.file != "" {
		return nil, usage("--passphrase-file and --passphrase-fd exclude each other")
	}
	if s.descriptor >= 0 {
		f := os.NewFile(uintptr(s.descriptor), "passphrase-fd")
		if f == nil {
			return nil, usage("--passphrase-fd is not open")
		}
		defer f.Close()
		b, err := readAtMost(f, 4096, "the passphrase")
		if err != nil {
			return nil, usage("--passphrase-fd cannot be read")
		}
		return oneLine(b)
	}
	return p.readSecret(s.file, s.credential)
}

// readSecret reads a secret of one line from a file that nobody else may read, or from the
// service manager's credential of that name. docs/protocol.md §10
func (p *program) readSecret(file, credential string) ([]byte, error) {
	given := file != ""
	if !given {
		dir := p.env["CREDENTIALS_DIRECTORY"]
		if dir == "" {
			return nil, nil
		}
		file = filepath.Join(dir, credential)
	}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) && !given {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := onlyOurs(f, !given); err != nil {
		return nil, err
	}
	b, err := readAtMost(f, 4096, "the secret")
	if err != nil {
		return nil, err
	}
	return oneLine(b)
}

func oneLine(b []byte) ([]byte, error) {
	line := bytes.TrimRight(b, "\r\n")
	if len(line) == 0 || bytes.ContainsAny(line, "\x00\n") {
		return nil, usage("a secret is one line that is not empty")
	}
	return line, nil
}

// onlyOurs refuses a file that other users of the machine can read or change. A credential may belong
// to root and be readable for a group: so an access list looks by which a service manager gives it
// to this one user, in a folder that nobody else can enter.
func onlyOurs(f *os.File, credential bool) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	others := fs.FileMode(0o077)
	if credential && ok && st.Uid == 0 {
		others = 0o037
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&others != 0 {
		return refuse(valisev1.Reason_REASON_UNSAFE_PERMISSIONS,
			"others can read "+f.Name(), "chmod 600 "+f.Name())
	}
	if ok && int(st.Uid) != os.Geteuid() && st.Uid != 0 {
		return refuse(valisev1.Reason_REASON_UNSAFE_PERMISSIONS, f.Name()+" belongs to another user", "")
	}
	return nil
}

// textFlag declares a flag that puts names or words on the command line. It is convenient in
// an exercise and refused in operation. docs/protocol.md §10
func (p *program) textFlag(cmd *cobra.Command, v *string, name, help string) {
	cmd.Flags().StringVar(v, name, "", help+" (exercises only: in operation use --file)")
	p.textFlags[cmd] = append(p.textFlags[cmd], name)
}

// usesText reports which of the command's text flags were given.
func (p *program) usesText(cmd *cobra.Command) (flags []string) {
	for _, name := range p.textFlags[cmd] {
		if cmd.Flags().Changed(name) {
			flags = append(flags, "--"+name)
		}
	}
	return flags
}

// refuseText refuses words on the command line where the realm is operational.
func refuseText(realm ident.Realm, what ...string) error {
	if !realm.IsOperational() || len(what) == 0 {
		return nil
	}
	return refuse(valisev1.Reason_REASON_TEXT_ON_COMMAND_LINE,
		strings.Join(what, ", ")+" would put names or words on the command line, where every user of this machine can read them",
		"put it into a file and name it with --file (- reads stdin)")
}

// isOfficerName: a short name of 1 to 32 lower-case letters, digits, dots, hyphens or underscores
// that begins with a letter, so that it can never be taken for a flag.
func isOfficerName(s string) bool {
	if len(s) == 0 || len(s) > 32 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// parseRealm reads --realm, for which the verb speaks then. Nothing falls back to operational when it cannot be read.
func (p *program) parseRealm(s string) (ident.Realm, error) {
	realm, err := ident.ParseRealm(s)
	if err != nil {
		return "", usageHint(err.Error(), "operational, or exercise:NAME-<32 hexadecimal digits>")
	}
	p.speaksFor(realm)
	return realm, nil
}

// parseHexPrefix checks a thread or message id or a prefix of one before it is asked for.
func parseHexPrefix(s, what string) (string, error) {
	if len(s) < 8 || len(s) > 32 || strings.Trim(s, "0123456789abcdef") != "" {
		return "", usage(fmt.Sprintf("%q is no %s: want 8 to 32 lower-case hexadecimal digits", shorten(s), what))
	}
	return s, nil
}

// idArgument makes cobra check the id that stands first before anything is opened, and between
// least and most arguments in all.
func idArgument(what string, least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 && least > 0 {
			return usageHint("name one "+what, "see "+cmd.CommandPath()+" --help")
		}
		if err := cobra.RangeArgs(least, most)(cmd, args); err != nil || len(args) == 0 {
			return err
		}
		_, err := parseHexPrefix(args[0], what)
		return err
	}
}

// idArguments makes cobra check that all arguments are ids, at least so many.
func idArguments(what string, least int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.MinimumNArgs(least)(cmd, args); err != nil {
			return err
		}
		for _, arg := range args {
			if _, err := parseHexPrefix(arg, what); err != nil {
				return err
			}
		}
		return nil
	}
}

func parseNumber(s, what string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, usage(fmt.Sprintf("%q is no %s", shorten(s), what))
	}
	return n, nil
}

// writeNewFile makes a file that did not exist, for its owner alone. What is not written whole is
// removed again.
func writeNewFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "a file of this name stands there already, and nothing was written over it", "name another one with --out")
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// replaceFile replaces a file that people edit: the old text is there or the new one, never a
// half. docs/protocol.md §9.1
func replaceFile(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
