package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"valise.example/api"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// Exit codes; a stable contract. docs/protocol.md §10
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	// exitWaiting: durable, but nothing can leave now.
	exitWaiting = 5
)

const exitTable = `Exit codes:
  0 done                     5 done and durable, but nothing can leave now
  1 failed                   6 timed out waiting
  2 usage                    7 integrity or signature failure
  3 not found                8 a key changed
  4 refused by rule or realm 9 needs a second person`

// failure is how a verb ends when it does not end with 0.
type failure struct {
	reason  valisev1.Reason
	message string
	hint    string
	exit    int
	// quiet is set where the result on stdout already says all: only the code is left.
	quiet bool
	// told gives the message in any language, where a catalog has it; nil: it has the sentence of the
	// reason, and what more the message says is in English.
	told func(*locale.Catalog) string
	// toldHint gives the hint in the same way.
	toldHint func(*locale.Catalog) string
	cause    error
}

func (f *failure) Error() string { return f.message }
func (f *failure) Unwrap() error { return f.cause }

// refuse makes a failure whose exit code and, where none is given, sentence and hint come
// from the one table of reasons.
func refuse(reason valisev1.Reason, message, hint string) *failure {
	if message == "" {
		message = api.Sentence(reason)
	}
	if hint == "" {
		hint = api.Hint(reason)
	}
	return &failure{reason: reason, message: message, hint: hint, exit: api.Exit(reason)}
}

// tell makes a failure whose message every catalog has.
func tell(reason valisev1.Reason, told func(*locale.Catalog) string) *failure {
	f := refuse(reason, told(locale.Of(locale.English)), "")
	f.told = told
	return f
}

func usage(message string) *failure { return usageHint(message, "") }

func usageHint(message, hint string) *failure {
	return &failure{reason: valisev1.Reason_REASON_BAD_REQUEST, message: ownWords(message), hint: hint, exit: exitUsage}
}

// ended is the end of a verb with a code that stdout has explained already.
func ended(reason valisev1.Reason) error {
	return &failure{reason: reason, message: api.Sentence(reason), exit: api.Exit(reason), quiet: true}
}

// fail tells the error on stderr and returns the exit code. A sentence may repeat what stands in a file
// or came from a peer, and must not steer the screen.
func (p *program) fail(err error) int {
	f := explain(err)
	if p.json {
		p.failJSON(f)
	} else if !f.quiet {
		for _, line := range f.lines(p.catalog()) {
			fmt.Fprintln(p.people(), line)
		}
	}
	return f.exit
}

func (p *program) failJSON(f *failure) {
	type object struct {
		Reason  string `json:"reason"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
		Exit    int    `json:"exit"`
	}
	line, err := p.withRealm(map[string]object{"error": {reasonName(f.reason), f.message, f.hint, f.exit}})
	if err != nil {
		line = []byte(`{"error":{"reason":"INTERNAL","message":"the error cannot be written as JSON","hint":"","exit":1}}`)
	}
	fmt.Fprintf(p.err, "%s\n", line)
}

// interrupted is the end of a verb that a person or the system cut short.
func interrupted(cause error) *failure {
	f := tell(valisev1.Reason_REASON_INTERNAL, (*locale.Catalog).Interrupted)
	f.hint, f.cause = "", cause
	return f
}

// explain turns whatever a room of the house returned into what a caller can act on.
func explain(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if e, ok := api.FromStatus(err); ok {
		return &failure{reason: e.Reason, message: e.Message, hint: e.Hint, exit: e.Exit, cause: err}
	}
	if reason, message, ok := reasonOf(err); ok {
		f := refuse(reason, ownWords(message), hintOf(err))
		f.cause = err
		return f
	}
	if errors.Is(err, context.Canceled) {
		return interrupted(err)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &failure{reason: valisev1.Reason_REASON_NOT_FOUND, message: pathSentence(err), exit: api.Exit(valisev1.Reason_REASON_NOT_FOUND), cause: err}
	case errors.Is(err, fs.ErrPermission):
		return &failure{reason: valisev1.Reason_REASON_NOT_PERMITTED, message: pathSentence(err), exit: api.Exit(valisev1.Reason_REASON_NOT_PERMITTED), cause: err}
	case isUsageError(err):
		return usage(err.Error())
	}
	return &failure{reason: valisev1.Reason_REASON_INTERNAL, message: ownWords(err.Error()), exit: exitFailed, cause: err}
}

// rooms are the packages that put their names before their errors: for a log that is an
// address, for a person it says nothing.
var rooms = []string{"ident", "store", "registry", "directory", "relay", "seal", "node", "draft", "lab", "gateway", "api", "scenario", "play", "report"}

// ownWords is a sentence without the names of the packages that it went through.
func ownWords(sentence string) string {
	for {
		first, rest, ok := strings.Cut(sentence, ": ")
		if !ok || !slices.Contains(rooms, first) {
			return sentence
		}
		sentence = rest
	}
}

func pathSentence(err error) string {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return fmt.Sprintf("%s: %v", pe.Path, pe.Err)
	}
	return ownWords(err.Error())
}

// isUsageError knows cobra's own complaints, which have no type.
func isUsageError(err error) bool {
	text := err.Error()
	for _, start := range []string{"unknown command", "unknown flag", "unknown shorthand", "accepts ", "requires at least", "required flag", "invalid argument", "flag needs"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return false
}
