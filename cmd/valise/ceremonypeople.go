package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"valise.example/directory"
	"valise.example/proto/ident"
)

// attend takes who is there from a file, or asks at a terminal in operation; an exercise needs nobody.
// Names never come from an argument.
func (p *program) attend(t *directory.Transcript, people string, realm ident.Realm) error {
	var a directory.Attendance
	switch {
	case people != "":
		text, err := p.readText(people)
		if err != nil {
			return err
		}
		if a, err = directory.ParseAttendance(text); err != nil {
			return err
		}
	case realm.IsOperational() && p.atTerminal() && !p.json:
		if err := p.askPeople(&a); err != nil {
			return err
		}
	}
	if missing := a.Missing(); missing != "" && realm.IsOperational() {
		return usageHint("a ceremony in operation has a custodian, a reader and a witness, and "+missing, "name them with --people F; valise key ceremony --help shows its form")
	}
	t.Attendants, t.Deviations = a.Attendants, a.Deviations
	return nil
}

func (p *program) askPeople(a *directory.Attendance) error {
	for _, r := range ceremonyRoles {
		fmt.Fprintf(p.people(), "Name of the %s, who %s: ", r.role, r.does)
		name, err := readLine(p.in)
		if err != nil {
			return err
		}
		if name != "" {
			a.Attendants = append(a.Attendants, directory.Attendant{Role: r.role, Name: name})
		}
	}
	return directory.CheckAttendance(a.Attendants, nil)
}

// askDeviations asks, where a person types, what was done otherwise than the script says.
func (p *program) askDeviations(t *directory.Transcript) error {
	if p.json || len(t.Attendants) == 0 || !p.atTerminal() {
		return nil
	}
	for {
		fmt.Fprint(p.people(), "What was done otherwise than the script says? Number of the step and words, or Enter: ")
		line, err := readLine(p.in)
		if err != nil || line == "" {
			return err
		}
		number, words, _ := strings.Cut(line, " ")
		step, err := strconv.Atoi(number)
		d := directory.Deviation{Step: step, Text: strings.TrimSpace(words)}
		if err == nil {
			err = directory.CheckAttendance(nil, []directory.Deviation{d})
		}
		if err != nil {
			p.tell("  write the number of the step, a blank, and up to 300 characters of words")
			continue
		}
		t.Deviations = append(t.Deviations, d)
	}
}

// newPassphrase is what is to protect a new root: nil only where a plain file is allowed.
func (p *program) newPassphrase(from *secret, plainAllowed bool, what, flag string) ([]byte, error) {
	words, err := from.read(p)
	if err != nil || words != nil {
		return words, err
	}
	switch {
	case plainAllowed:
		return nil, nil
	case !p.atTerminal() || p.json:
		return nil, usageHint(what+" has a passphrase in the operational realm, and none was given", "give it with "+flag+", or say --plain")
	}
	words, err = p.askPassphrase("Passphrase of " + what + ": ")
	if err != nil {
		return nil, err
	}
	again, err := p.askPassphrase("Once more: ")
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(words, again) {
		return nil, usage("the two passphrases differ, and no key was made")
	}
	return words, nil
}

// askPassphrase reads one line that the terminal does not show.
func (p *program) askPassphrase(prompt string) ([]byte, error) {
	fmt.Fprint(p.people(), prompt)
	in, ok := p.in.(*os.File)
	if !ok {
		return nil, usage("there is no terminal to type a passphrase at")
	}
	words, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(p.people())
	if err != nil {
		return nil, err
	}
	return oneLine(words)
}
