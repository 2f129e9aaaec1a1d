package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"valise.example/proto/ident"
)

// printed is what a command printed with --json.
type printed map[string]any

func (o printed) text(key string) string {
	switch v := o[key].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func (o printed) object(key string) printed {
	v, _ := o[key].(map[string]any)
	return v
}

func (o printed) list(key string) (all []printed) {
	values, _ := o[key].([]any)
	for _, v := range values {
		if m, ok := v.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

// officer lets a State's officer type a command of this program, with stdin, and prints it. The
// command runs as it would from a shell: flags, socket, gRPC, exit code.
func (d *demo) officer(ctx context.Context, state ident.State, stdin string, args ...string) (printed, error) {
	d.say("   %s $ valise %s", state, shellWords(args))
	return d.run(ctx, state, stdin, args...)
}

func (d *demo) run(ctx context.Context, state ident.State, stdin string, args ...string) (printed, error) {
	var stdout, stderr bytes.Buffer
	q := newProgram(strings.NewReader(stdin), &stdout, &stderr, nil)
	maps.Copy(q.env, d.p.env)
	if exit := q.run(ctx, append([]string{"--home", d.lab.Home(state), "--json"}, args...)); exit != exitDone {
		return nil, fmt.Errorf("valise %s ended with %d: %s", shellWords(args), exit, strings.TrimSpace(stderr.String()))
	}
	decoder := json.NewDecoder(&stdout)
	decoder.UseNumber()
	var o printed
	if err := decoder.Decode(&o); err != nil {
		return nil, errors.New("a command of the demonstration printed no JSON object")
	}
	return o, nil
}

// reply is a verb in the demonstration's thread; it waits until the peer's node has signed for
// it, so that the story is told in order.
func (d *demo) reply(ctx context.Context, state ident.State, stdin, verb string, args ...string) (printed, error) {
	line := append([]string{"inquiry", verb, d.thread[:8]}, args...)
	return d.officer(ctx, state, stdin, append(line, "--wait", "receipt", "--timeout", "60s")...)
}

func (d *demo) show(ctx context.Context, state ident.State) (printed, error) {
	return d.run(ctx, state, "", "inquiry", "show", d.thread)
}

func shellWords(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		if strings.ContainsAny(a, " '\"$") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		quoted[i] = a
	}
	return strings.Join(quoted, " ")
}

// clockOf shortens an RFC 3339 time to what a story needs.
func clockOf(s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return s
	}
	return t.UTC().Format("15:04:05.000")
}
