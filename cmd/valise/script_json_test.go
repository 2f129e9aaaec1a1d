package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds what a script waits for; nothing depends on how long it takes.
const patience = 60 * time.Second

// lookUp follows a path such as messages.0.facts.left; "count" is a length. Absent is "<absent>",
// null is "null".
func lookUp(text, path string) (string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "", fmt.Errorf("this is no JSON object: %w: %.200q", err, text)
	}
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[step]
			if !ok {
				return "<absent>", nil
			}
			v = next
		case []any:
			if step == "count" {
				return strconv.Itoa(len(x)), nil
			}
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(x) || n < -len(x) {
				return "<absent>", nil
			}
			if n < 0 {
				n += len(x)
			}
			v = x[n]
		default:
			return "<absent>", nil
		}
	}
	return plainText(v), nil
}

func plainText(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return x
	case json.Number:
		return x.String()
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return strings.TrimSpace(b.String())
}

// fits compares: a value, or ~ for anything that is there and not null.
func fits(got, want string) bool {
	if want == "~" {
		return got != "" && got != "null" && got != "<absent>"
	}
	return got == want
}

// jsonValue checks the last stdout: json delivery left; with a third argument another stream:
// json error.exit 4 stderr.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: json PATH VALUE [stderr]")
	}
	stream := "stdout"
	if len(args) == 3 {
		stream = args[2]
	}
	text := strings.TrimSpace(ts.ReadFile(stream))
	if stream == "stderr" {
		// A run verb logs there too; the error is the last line.
		text = text[strings.LastIndexByte(text, '\n')+1:]
	}
	got, err := lookUp(text, args[0])
	ts.Check(err)
	if fits(got, args[1]) == neg {
		ts.Fatalf("%s is %q, want %q (not: %v)\n%s", args[0], got, args[1], neg, text)
	}
}

// jsonSet keeps a value of the last stdout: jsonset THREAD thread
func jsonSet(ts *testscript.TestScript, _ bool, args []string) {
	got, err := lookUp(ts.ReadFile("stdout"), args[1])
	ts.Check(err)
	if !fits(got, "~") {
		ts.Fatalf("%s is %s\n%s", args[1], got, ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], got)
}

// eventually repeats a command until a value is there: eventually delivery left valise …
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: eventually PATH VALUE program args…")
	}
	var got string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ts.Exec(args[2], args[3:]...) != nil {
			continue
		}
		var err error
		if got, err = lookUp(ts.ReadFile("stdout"), args[0]); err == nil && fits(got, args[1]) {
			return
		}
	}
	ts.Fatalf("%s is still %q, want %q\nstdout: %s\nstderr: %s", args[0], got, args[1], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
}

// waitPort waits until something listens: waitport $RELAY
func waitPort(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if c, err := net.DialTimeout("tcp", args[0], time.Second); err == nil {
			c.Close()
			return
		}
	}
	ts.Fatalf("nothing listens on %s", args[0])
}

// waitLine waits until a file has a line that fits: waitline lab.out '^ready relay'
func waitLine(ts *testscript.TestScript, _ bool, args []string) {
	line := regexp.MustCompile("(?m)" + args[1])
	var b []byte
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var err error
		if b, err = os.ReadFile(ts.MkAbs(args[0])); err == nil && line.Match(b) {
			return
		}
	}
	ts.Fatalf("%s has no line %s: %s", args[0], args[1], b)
}

// freePort sets a variable to an address of this machine that nobody uses: freeport RELAY
func freePort(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv(args[0], l.Addr().String())
}
