package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"valise.example/proto/tomlkey"
)

var bounds = tomlkey.Bounds{Of: "scenario", Depth: 24, Parts: 8, KeyLen: 64, Keys: 60_000, Elements: 4096}

// Digest names a file by its bytes: SHA-256 in hexadecimal. docs/scenario.md §1
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Parse reads a scenario strictly: what it does not know is refused and never guessed. Name is the file's, for
// errors alone; nothing is read beside data. The error is always *Error, the first in the file.
// docs/scenario.md §1
func Parse(name string, data []byte) (*Scenario, error) {
	s, errs := read(name, data)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return s, nil
}

// read gives the scenario, or everything that is wrong with the form of the file.
func read(name string, data []byte) (*Scenario, []*Error) {
	tree, keys, outline, err := decode(name, data)
	if err != nil {
		return nil, []*Error{err}
	}
	r := &reader{file: name, outline: outline}
	r.value("", tree, fileShape(), 0)
	if len(r.errs) == 0 {
		b := &builder{reader: r, keys: keys}
		if s := b.scenario(tree); len(r.errs) == 0 {
			return s, nil
		}
	}
	byLine(r.errs)
	return nil, r.errs
}

// decode reads TOML into a table, after size, depth and number of keys are bounded.
func decode(name string, data []byte) (map[string]any, []toml.Key, tomlkey.Outline, *Error) {
	text, err := source(name, data)
	if err != nil {
		return nil, nil, tomlkey.Outline{}, err
	}
	outline, stopped, scanErr := tomlkey.Scan(text, bounds)
	if refused, ok := errors.AsType[*tomlkey.Refused](scanErr); ok {
		return nil, nil, outline, &Error{File: name, Line: refused.Line, Reason: refused.Detail}
	}
	// The library sees no more than what was walked through, and a little for its message.
	text = text[:min(len(text), stopped+80)]
	var tree map[string]any
	meta, decodeErr := toml.Decode(text, &tree)
	if decodeErr != nil {
		return nil, nil, outline, syntaxError(name, decodeErr)
	}
	if stopped < len(text) {
		return nil, nil, outline, &Error{File: name, Line: strings.Count(text[:stopped], "\n") + 1, Reason: "is not understood"}
	}
	return tree, meta.Keys(), outline, nil
}

// source checks the bytes of a file and unifies its line ends.
func source(name string, data []byte) (string, *Error) {
	if len(data) > MaxFile {
		return "", &Error{File: name, Reason: "is larger than 1 MiB", Hint: "a scenario is one file of text; attachments are made by players"}
	}
	text := strings.TrimPrefix(string(data), "\xef\xbb\xbf")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if strings.TrimSpace(text) == "" {
		return "", &Error{File: name, Reason: "is empty", Hint: "begin with a bundled scenario"}
	}
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if c == utf8.RuneError && size == 1 {
			return "", &Error{File: name, Line: strings.Count(text[:i], "\n") + 1, Reason: "is not UTF-8", Hint: "save the file as UTF-8"}
		}
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return "", &Error{File: name, Line: strings.Count(text[:i], "\n") + 1, Reason: "holds a control character that nobody sees"}
		}
		i += size
	}
	return text, nil
}

func syntaxError(name string, err error) *Error {
	e := &Error{File: name, Reason: "is no TOML"}
	if parse, ok := errors.AsType[toml.ParseError](err); ok {
		e.Line = parse.Position.Line
		e.Reason = "is no TOML: " + strings.ToValidUTF8(parse.Message[:min(len(parse.Message), 120)], "")
	}
	return e
}
