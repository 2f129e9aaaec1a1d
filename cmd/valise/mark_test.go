package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const lanternWard ident.Realm = "exercise:lantern-ward-00112233445566778899aabbccddeeff"

// realmFiles are the files with a realm that the homes of a node, a manager, a State's root, a relay, a lab and an
// exercise have: written out, because whoever misspelt one in the program would find no fault with it.
var realmFiles = []string{"valise.toml", "registry.toml", "keys.toml", "relay.toml", "lab.toml", "network/lab.toml"}

// TestEveryFolderTellsItsRealm: a verb that has asked for its home speaks for the realm of it, whatever folder it is;
// and where nothing is, or nothing that can be read, for none.
func TestEveryFolderTellsItsRealm(t *testing.T) {
	for _, file := range realmFiles {
		dir := t.TempDir()
		path := filepath.Join(dir, filepath.FromSlash(file))
		for text, want := range map[string]ident.Realm{"": "", "realm = \"none\"\n": "", "realm = \"" + lanternWard.String() + "\"\n": lanternWard} {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			p := newProgram(nil, io.Discard, io.Discard, nil)
			p.home = dir
			if _, err := p.homeDir(); err != nil || p.realm != want || p.exercise != want.Name() {
				t.Errorf("%s with %q: the verb speaks for %q, exercise %q, %v", file, text, p.realm, p.exercise, err)
			}
		}
	}
}

// TestADamagedHomeTellsItsRealm: what is said of a home whose configuration is no TOML any more is marked all the same.
func TestADamagedHomeTellsItsRealm(t *testing.T) {
	for _, file := range realmFiles {
		dir := filepath.Join(t.TempDir(), "home")
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("state = \nrealm = \""+lanternWard.String()+"\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := realmIn(dir); err == nil {
			t.Fatalf("%s is not damaged", file)
		}
		exit, out, errs := runMain("record", "verify", "--home", dir)
		if exit == exitDone || !strings.HasPrefix(errs, "[EXERCISE lantern-ward] valise: ") {
			t.Errorf("%s: ended with %d: %s%s", file, exit, out, errs)
		}
	}
}

// TestEveryLineOfAnExerciseIsMarked: result, what is told beside it, what is asked and the error, in every language.
func TestEveryLineOfAnExerciseIsMarked(t *testing.T) {
	for _, l := range locale.Languages() {
		var out, errs bytes.Buffer
		p := newProgram(nil, &out, &errs, nil)
		p.lang = l.String()
		p.speaksFor(lanternWard)
		if err := p.result(object{}, "one", "two\nthree", "", "    four"); err != nil {
			t.Fatal(err)
		}
		p.tell("%s", "five\nsix")
		if _, err := io.WriteString(p.people(), "seven? "); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(p.people(), "\n"); err != nil {
			t.Fatal(err)
		}
		p.fail(refuse(valisev1.Reason_REASON_NOT_FOUND, "", ""))
		want := "[EXERCISE lantern-ward] "
		if l != locale.English {
			want += "[" + l.Line(locale.Of(l).ExerciseWord()) + "] "
		}
		said := 0
		for line := range strings.Lines(out.String() + errs.String()) {
			if strings.TrimSpace(line) == "" {
				continue
			}
			said++
			rest, marked := strings.CutPrefix(line, want)
			if !marked || strings.Contains(rest, "EXERCISE") {
				t.Errorf("%v: %q has not this mark, once: %q", l, line, want)
			}
		}
		if said < 8 {
			t.Errorf("%v: only %d lines are told", l, said)
		}
	}
}

// TestNothingOfOperationIsMarked: the mark of an exercise says something only where all else has none.
func TestNothingOfOperationIsMarked(t *testing.T) {
	for _, realm := range []ident.Realm{"", ident.Operational} {
		var out, errs bytes.Buffer
		p := newProgram(nil, &out, &errs, nil)
		p.lang = "fr"
		p.speaksFor(realm)
		if err := p.result(object{}, "one"); err != nil {
			t.Fatal(err)
		}
		p.tell("two")
		if out.String() != "one\n" || errs.String() != "two\n" {
			t.Errorf("%q: %q, %q", realm, out.String(), errs.String())
		}
	}
}

// TestEveryObjectSaysItsRealm: whatever shape it has, once, and the error too.
func TestEveryObjectSaysItsRealm(t *testing.T) {
	for _, realm := range []ident.Realm{ident.Operational, lanternWard} {
		var out, errs bytes.Buffer
		p := newProgram(nil, &out, &errs, nil)
		p.json = true
		p.speaksFor(realm)
		shaped := struct {
			Size uint64 `json:"size"`
		}{1 << 63}
		for _, o := range []any{object{"a": nil}, shaped, object{"realm": realm, "b": 1}} {
			if err := p.resultOf(o); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.data(object{"c": true}); err != nil {
			t.Fatal(err)
		}
		p.fail(refuse(valisev1.Reason_REASON_NOT_FOUND, "nothing", "look"))
		says := `"realm":"` + realm.String() + `"`
		want := "{\"a\":null," + says + "}\n{" + says + ",\"size\":9223372036854775808}\n{\"b\":1," + says + "}\n{\"c\":true," + says + "}\n"
		if out.String() != want {
			t.Errorf("printed %s, want %s", out.String(), want)
		}
		if want := `{"error":{"reason":"NOT_FOUND","message":"nothing","hint":"look","exit":3},` + says + "}\n"; errs.String() != want {
			t.Errorf("printed %s, want %s", errs.String(), want)
		}
	}
}

// TestEveryDocumentedObjectHasARealm goes through all objects of all verbs: each has the key, which the scripts then
// want to see printed (objectsFolder), or stands among those that speak for no home, with a reason.
func TestEveryDocumentedObjectHasARealm(t *testing.T) {
	unused := map[string]bool{}
	for _, list := range []map[string]string{forNoHome, perhapsForNoHome} {
		for name, reason := range list {
			unused[name] = true
			if reason == "" {
				t.Errorf("nobody says why %s has no realm", name)
			}
		}
	}
	all := 0
	for _, d := range catalogue(wholeTree()) {
		for _, o := range d.objects {
			all++
			form, _ := splitObject(o)
			s, err := parseShape(form)
			if err != nil {
				t.Fatal(err)
			}
			m, has := s.keys["realm"]
			never, perhaps := false, false
			for _, name := range []string{d.name, d.name + " " + firstKey(strings.Replace(form, `"realm"?,`, "", 1))} {
				delete(unused, name)
				never, perhaps = never || forNoHome[name] != "", perhaps || perhapsForNoHome[name] != ""
			}
			if has == never || m.optional != perhaps {
				t.Errorf("valise %s: realm is there: %v, perhaps: %v in %s", d.name, has, m.optional, form)
			}
		}
	}
	if all < 90 || len(unused) > 0 {
		t.Errorf("%d objects were seen; no object is called %v", all, unused)
	}
}

// sources are the files of the program itself.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") {
			all[file] = string(b)
		}
	}
	return all
}

// pastTheMark are the files that write to stdout or stderr themselves, and how often.
var pastTheMark = map[string]int{
	"program.go":                    2, // hands them to cobra, for help
	"output.go":                     2, // result and data
	"mark.go":                       1, // what people are told
	"failure.go":                    1, // the error as an object
	"notify.go":                     2, // logs
	"cmd_directory_check_report.go": 1, // the report itself
	"cmd_inquiry_escalate.go":       1, // the briefing itself
	"cmd_record_export.go":          1, // the export itself
	"cmd_inquiry_open.go":           1, // asks whether stdout is a terminal
	"cmd_exercise_lint.go":          1, // the JSON Schema
	"cmd_exercise_msel.go":          1, // CSV
}

// plainLines are the files that print lines without a mark, and how often: what plainData and forNoHome name, and the
// lines by which a program learns that something is ready, or where a page is.
var plainLines = map[string]int{
	"cmd_completion.go":       1,
	"cmd_config.go":           1, // config show
	"cmd_console.go":          1, // the link
	"cmd_directory_entry.go":  2, // entry show, entry edit
	"cmd_inquiry_iodef.go":    1,
	"cmd_inquiry_template.go": 2,
	"cmd_man.go":              1,
	"cmd_relay_cluster.go":    1, // relay config
	"notify.go":               1, // ready
	"output.go":               2, // result and data
	"ready.go":                2,
}

// TestNothingGoesPastTheMark: whatever a verb says goes through result, tell, people or fail. A verb that wrote
// to stdout by itself, or took data for lines that people read, would say it without a mark.
func TestNothingGoesPastTheMark(t *testing.T) {
	streams := regexp.MustCompile(`\bp\.(out|err)\b|\bos\.Std(out|err)\b`)
	data := regexp.MustCompile(`\bp\.(data|print)\b`)
	for file, text := range sources(t) {
		if got := len(streams.FindAllString(text, -1)); file != "main.go" && got != pastTheMark[file] {
			t.Errorf("%s names stdout or stderr %d times, %d are known", file, got, pastTheMark[file])
		}
		if got := len(data.FindAllString(text, -1)); got != plainLines[file] {
			t.Errorf("%s prints lines without a mark %d times, %d are known: use result, or give a reason in plainData", file, got, plainLines[file])
		}
	}
}

// TestPlainDataIsNamed: what stands in the list is a verb, and has a reason.
func TestPlainDataIsNamed(t *testing.T) {
	names := []string{}
	for _, d := range catalogue(wholeTree()) {
		names = append(names, d.name)
	}
	for name, reason := range plainData {
		if !slices.Contains(names, name) || reason == "" {
			t.Errorf("%s is no verb, or has no reason: %q", name, reason)
		}
	}
}

// TestLogsSayTheirRealm: each line, in both forms.
func TestLogsSayTheirRealm(t *testing.T) {
	for _, json := range []bool{false, true} {
		var errs bytes.Buffer
		p := newProgram(nil, io.Discard, &errs, nil)
		p.json = json
		p.speaksFor(lanternWard)
		p.logger().Info("started")
		if !strings.Contains(errs.String(), lanternWard.String()) || !strings.Contains(errs.String(), "realm") {
			t.Errorf("a line of the log is %s", errs.String())
		}
	}
}
