package docs_test

import (
	"go/scanner"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// finding is one breach of a rule, at a line of a file.
type finding struct {
	line int
	text string
}

// check runs find over every file that keep wants and reports what it finds. seeded is a text
// in which find must see exactly want breaches, so that a rule cannot be empty words.
func check(t *testing.T, keep func(string) bool, find func(source) []finding, seeded source, want int, rule string) {
	t.Helper()
	for _, s := range sources(t, keep) {
		for _, f := range find(s) {
			t.Errorf("%s:%d: %q: %s", s.path, f.line, f.text, rule)
		}
	}
	if got := find(seeded); len(got) != want {
		t.Errorf("of %d seeded breaches the rule finds %v", want, got)
	}
}

// matching finds pattern in the lines of a file; accept may let a match pass.
func matching(pattern string, accept func(match string) bool) func(source) []finding {
	re := regexp.MustCompile(pattern)
	return func(s source) (found []finding) {
		s.lines(func(number int, line string) {
			for _, m := range re.FindAllStringSubmatch(line, -1) {
				last := m[len(m)-1]
				if accept == nil || !accept(last) {
					found = append(found, finding{number, last})
				}
			}
		})
		return found
	}
}

var everyText = func(p string) bool {
	return path.Dir(p) != "docs/testdata" && !isGenerated(p) && !strings.HasPrefix(p, "THIRD_PARTY") && p != "LICENSE" && !strings.HasSuffix(p, "go.sum") &&
		!strings.HasSuffix(p, "package-lock.json") && p != "docs/text_test.go"
}

var handWrittenGo = func(p string) bool {
	return strings.HasSuffix(p, ".go") && !isGenerated(p) && p != "docs/text_test.go"
}

func TestNoUnfinishedWork(t *testing.T) {
	check(t, everyText, matching(`\b(TO`+`DO|FIX`+`ME|HA`+`CK|XX`+`X)\b`, nil),
		source{text: "// TO" + "DO: later\n// FIX" + "ME"}, 2, "finish it or say in docs what is not built yet")
}

func TestNoPanicAsControlFlow(t *testing.T) {
	// Suites for tests stand in packages that end in test; store checks a file in a child process;
	// a crash point ends the process, which is what it is for, and is in no program that is shipped.
	outsideTests := func(p string) bool {
		return handWrittenGo(p) && !strings.HasSuffix(p, "_test.go") && !strings.HasSuffix(path.Dir(p), "test") && !strings.HasPrefix(p, "store/child") && p != "gateway/node/crashpoint/on.go"
	}
	check(t, outsideTests, panics, source{text: "package p\nfunc f() { pan" + "ic(1) }\n// pan" + "ic(2)\n"}, 1, "return an error")
}

// panics finds what ends a process or a call stack at run time, but not words in comments. To
// recover is allowed: what a damaged file does to a library must not end the node.
func panics(s source) (found []finding) {
	call := regexp.MustCompile(`(?:^|[^\w.])(pan` + `ic|log\.Fatal\w*|os\.Exit)\(`)
	s.lines(func(number int, line string) {
		code, _, _ := strings.Cut(line, "//")
		m := call.FindStringSubmatch(code)
		if m == nil || m[1] == "os.Exit" && strings.HasPrefix(s.path, "cmd/") {
			return
		}
		found = append(found, finding{number, m[1]})
	})
	return found
}

func TestNoMachinePath(t *testing.T) {
	check(t, everyText, matching(`(/wo`+`rk/|/ro`+`ot/|/home/[a-z]|/Users/[a-z])`, nil),
		source{text: "see /wo" + "rk/main and /ro" + "ot/.cache"}, 2, "a path of one machine means nothing on another")
}

// invented accepts the codes that stand for no State: QM–QZ and XA–XZ without XK for exercises
// and labs, AA and ZZ for the operational realm. docs/protocol.md §2.2
func invented(code string) bool {
	if len(code) != 2 {
		return false
	}
	return code == "AA" || code == "ZZ" || code[0] == 'X' && code[1] != 'K' || code[0] == 'Q' && code[1] >= 'M'
}

func TestNoRealState(t *testing.T) {
	const rule = "only XA–XZ without XK, QM–QZ, AA and ZZ stand for States here"
	check(t, everyText, matching(`\b([A-Z]{2})/(?:diplomatic|technical)\b`, invented),
		source{text: "from D" + "E/technical to XA/technical"}, 1, rule)
	check(t, everyText, matching(`--states[ =]"?([A-Z]{2}(?:,[A-Z]{2})*)`, inventedList),
		source{text: "--states XA,F" + "R"}, 1, rule)
	check(t, everyText, matching(`(?:State\(|state\s*=\s*|"state":\s*)"([A-Z]{2})"`, invented),
		source{text: `state = "D` + `E"` + "\n" + `ident.State("XB")`}, 1, rule)
}

func inventedList(list string) bool {
	for code := range strings.SplitSeq(list, ",") {
		if !invented(code) {
			return false
		}
	}
	return true
}

func TestNoRealAddress(t *testing.T) {
	reserved := regexp.MustCompile(`(^|\.)(example|invalid|test|localhost|example\.(com|org|net))$`)
	check(t, everyText, matching(`[\w.+-]@([\w-]+(?:\.[\w-]+)*\.[a-z]{2,})\b`, func(host string) bool {
		return reserved.MatchString(host) || strings.Contains(host, ".go") || strings.HasSuffix(host, ".service")
	}), source{text: "duty@cert.xa.example, duty@cert." + "com"}, 1, "people and organisations are invented: use .example")
}

// never are words that Valise does not use, with what it says instead.
var never = regexp.MustCompile(`(?i:\b(tic` + `kets?|cust` + `omers?|attac` + `kers?|viola` + `tions?|compli` + `ance|hot` + `lines?|UN gate` + `way)\b)|\b(SL` + `As?)\b`)

// TestWordsNeverUsed looks at prose, comments and strings. Names that other people's packages
// gave to their types are not ours to choose.
func TestWordsNeverUsed(t *testing.T) {
	keep := func(p string) bool {
		return everyText(p) && p != "docs/words.md" && p != "proto/buf/validate/validate.proto"
	}
	check(t, keep, func(s source) (found []finding) {
		for _, piece := range prose(s) {
			for i, line := range strings.Split(piece.text, "\n") {
				if word := never.FindString(line); word != "" {
					found = append(found, finding{piece.line + i, word})
				}
			}
		}
		return found
	}, source{path: "x.go", text: "package p\n// a tic" + "ket\nvar Viola" + "tions = \"SL" + "A\"\n"}, 2, "docs/words.md says what we call it")
}

// TestAStateIsNoCountry: docs/words.md. What stands before a telephone number has that name.
func TestAStateIsNoCountry(t *testing.T) {
	keep := func(p string) bool { return everyText(p) && p != "docs/words.md" && p != "docs/mistakes_test.go" }
	find := matching(`(?i)\b(countr(?:y|ies)\b(?: codes?)?)`, func(match string) bool { return strings.Contains(match, " code") })
	check(t, keep, find, source{text: "a coun" + "try\nthe coun" + "try code\nmost Coun" + "tries"}, 2, "say State")
}

// prose is the whole of a text file, and of Go only comments and strings.
func prose(s source) (pieces []finding) {
	if !strings.HasSuffix(s.path, ".go") {
		return []finding{{1, s.text}}
	}
	set := token.NewFileSet()
	file := set.AddFile(s.path, -1, len(s.text))
	var scan scanner.Scanner
	scan.Init(file, []byte(s.text), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, literal := scan.Scan()
		switch tok {
		case token.EOF:
			return pieces
		case token.COMMENT, token.STRING:
			pieces = append(pieces, finding{set.Position(pos).Line, literal})
		default:
		}
	}
}

var (
	pageLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	pageHeading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	fence       = regexp.MustCompile("(?ms)^```.*?^```")
)

// TestLinksLead follows every link of every page to a file and a heading.
func TestLinksLead(t *testing.T) {
	for _, s := range sources(t, has(".md")) {
		for _, m := range pageLink.FindAllStringSubmatch(fence.ReplaceAllString(s.text, ""), -1) {
			if problem := brokenLink(s.path, m[1]); problem != "" {
				t.Errorf("%s links to %s: %s", s.path, m[1], problem)
			}
		}
	}
	if brokenLink("README.md", "docs/nowhere.md") == "" || brokenLink("docs/words.md", "architecture.md#nowhere") == "" {
		t.Error("a link that leads nowhere is not found")
	}
}

func brokenLink(from, link string) string {
	if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "mailto:") {
		return ""
	}
	file, heading, anchored := strings.Cut(link, "#")
	target := path.Join(path.Dir(from), file)
	if file == "" {
		target = from
	}
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(target)))
	if info, statErr := os.Stat(filepath.Join(root, target)); statErr == nil && info.IsDir() {
		return ""
	}
	if err != nil {
		return "no such file"
	}
	if !anchored {
		return ""
	}
	for _, m := range pageHeading.FindAllStringSubmatch(fence.ReplaceAllString(string(b), ""), -1) {
		if slug(m[1]) == heading {
			return ""
		}
	}
	return "no such heading"
}

// slug is how the usual web views of Markdown name a heading.
func slug(heading string) string {
	kept := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(kept, " ", "-")
}

// TestMakefileExplainsItself: one line a target, each with what it does.
func TestMakefileExplainsItself(t *testing.T) {
	wanted := strings.Fields("build test race fuzz bench lint fmt generate vectors demo cover deps check")
	for _, s := range sources(t, func(p string) bool { return p == "Makefile" }) {
		lines := strings.Split(s.text, "\n")
		for i, line := range lines {
			name, _, ok := strings.Cut(line, ":")
			if !ok || strings.ContainsAny(name, " \t=.#") {
				continue
			}
			if !strings.Contains(line, " ## ") {
				t.Errorf("target %s does not say what it does", name)
			}
			if i+2 < len(lines) && strings.HasPrefix(lines[i+2], "\t") {
				t.Errorf("target %s is longer than one line: put it into .ci", name)
			}
			for j, w := range wanted {
				if w == name {
					wanted = append(wanted[:j], wanted[j+1:]...)
					break
				}
			}
		}
	}
	if len(wanted) > 0 {
		t.Errorf("the Makefile lacks %v", wanted)
	}
}
