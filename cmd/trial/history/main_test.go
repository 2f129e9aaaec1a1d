package main

import (
	"strings"
	"testing"
)

const good = `{"at":"2026-03-01T09:00:00Z","event":"begin","nodes":["XA"]}
{"at":"2026-03-01T09:00:01Z","event":"verified","node":"XA","good":true}
`

func TestAHistoryIsJudged(t *testing.T) {
	for _, c := range []struct {
		name, history string
		exit          int
		out           string
	}{
		{"all holds", good, 0, "1 passed, 0 failed\n"},
		{"a record is damaged", strings.ReplaceAll(good, `"good":true`, `"detail":"leaf 7"`), 1,
			"line 2: records-verify: the record of XA does not verify: leaf 7\n0 passed, 1 failed\n"},
		{"no history", "{}\n", 2, ""},
	} {
		var out, errs strings.Builder
		if exit := run([]string{"-"}, strings.NewReader(c.history), &out, &errs); exit != c.exit || out.String() != c.out {
			t.Errorf("%s: exit %d and %q, want %d and %q; %s", c.name, exit, out.String(), c.exit, c.out, errs.String())
		}
	}
}

func TestWithoutAFileTheUsageIsTold(t *testing.T) {
	var out, errs strings.Builder
	if exit := run(nil, strings.NewReader(""), &out, &errs); exit != 2 || !strings.Contains(errs.String(), "usage") {
		t.Errorf("exit %d, %q", exit, errs.String())
	}
	if exit := run([]string{"no-such-file"}, strings.NewReader(""), &out, &errs); exit != 2 {
		t.Errorf("a file that is not there: exit %d", exit)
	}
}
