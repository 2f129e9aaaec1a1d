package docs_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	protocolCitation = regexp.MustCompile(`docs/protocol\.md §([0-9]+(?:\.[0-9]+)?)`)
	pageCitation     = regexp.MustCompile(`docs/([a-z-]+\.md) §([0-9]+(?:\.[0-9]+)?)`)
	pageSection      = regexp.MustCompile(`(?m)^#{2,3} §([0-9]+(?:\.[0-9]+)?) `)
	textCitation     = regexp.MustCompile(`\b(?:A-[0-9]+[a-z]?(?:-[ivx]+)?|B-[0-9]+[a-z]?(?:-[ivx]+)?|BODY-[0-9]+[a-z]?(?:-[ivx]+)?|[IR]-[0-9]+)\b`)
	protoField       = regexp.MustCompile(`^\s*(?:repeated |optional )?[\w.]+(?:<[^>]*>)? (\w+) = [0-9]+\b`)
	sentence         = regexp.MustCompile(`^(?:-| )s([0-9]+)((?:, s[0-9]+)*)`)
)

// paragraphs lists the paragraphs of A/78/265 that can be cited, each with the number of its
// sentences where sentences are cited: A = annex A, I and R = the two procedures of its
// appendix, B = annex B, BODY = the body of the report.
var paragraphs = func() map[string]int {
	all := map[string]int{
		"A-1": 1, "A-2": 1, "A-3": 1, "A-4": 1, "A-5": 1, "A-6": 2, "A-7": 1, "A-8": 3, "A-9": 4, "A-10": 5,
		"A-11": 3, "A-12": 3, "A-13": 1, "A-14": 3, "A-15": 1, "A-16": 2,
		"A-5a": 1, "A-5b": 1, "A-5c": 1, "A-5d": 3,
		"A-7a": 1, "A-7a-i": 1, "A-7a-ii": 1, "A-7a-iii": 1, "A-7a-iv": 1, "A-7b": 3, "A-7c": 2, "A-7d": 1,
		"A-9a": 3, "A-9b": 4, "A-10a": 2, "A-10b": 2, "A-12a": 2, "A-12b": 1, "A-12c": 1,
		"A-13a": 1, "A-13b": 2, "A-13c": 1, "A-13d": 2, "A-13e": 1, "A-13f": 2, "A-13g": 2,
		"A-14a": 1, "A-14b": 1, "A-14c": 1, "A-14d": 1,
		"B-1": 1, "B-1a": 2, "B-1b": 2, "B-1c": 1, "B-1c-i": 1, "B-1c-ii": 1, "B-1c-iii": 1, "B-1c-iv": 1, "B-1c-v": 1,
		"B-2": 1, "B-2a": 1, "B-2b": 1, "B-2c": 1, "B-2d": 1, "B-3": 1, "B-3a": 1, "B-3b": 1, "B-3c": 1,
		"B-4": 1, "B-4a": 1, "B-4b": 1, "B-4c": 1,
		"BODY-37": 2, "BODY-37a": 1, "BODY-37b": 3, "BODY-37c": 2, "BODY-37c-i": 1, "BODY-37c-ii": 1, "BODY-37c-iii": 1,
		"BODY-37c-iv": 1, "BODY-37d": 3, "BODY-37e": 1, "BODY-37f": 1, "BODY-37g": 1,
		"BODY-38": 1, "BODY-39": 1, "BODY-40": 1, "BODY-41": 2, "BODY-42": 1,
		"I-1": 1, "I-2": 1, "I-3": 2, "I-4": 1, "R-1": 1, "R-2": 2, "R-3": 1,
	}
	return all
}()

// citedPages are those that are cited by section.
var citedPages = []string{"protocol.md", "scenario.md"}

func TestCitedSectionsExist(t *testing.T) {
	sections := map[string]int{}
	for _, page := range sources(t, func(p string) bool { return slices.Contains(citedPages, strings.TrimPrefix(p, "docs/")) }) {
		name := strings.TrimPrefix(page.path, "docs/")
		for _, m := range pageSection.FindAllStringSubmatch(page.text, -1) {
			if _, twice := sections[name+" §"+m[1]]; twice {
				t.Errorf("docs/%s has §%s twice", name, m[1])
			}
			sections[name+" §"+m[1]] = 0
		}
	}
	for _, s := range sources(t, has(".go", ".proto", ".md", ".js", ".mjs", ".txtar", ".toml")) {
		if s.path == "docs/citations_test.go" || isGenerated(s.path) {
			continue
		}
		s.lines(func(number int, line string) {
			for _, m := range pageCitation.FindAllStringSubmatch(line, -1) {
				if !slices.Contains(citedPages, m[1]) {
					continue
				}
				if _, ok := sections[m[1]+" §"+m[2]]; !ok {
					t.Errorf("%s:%d cites docs/%s §%s, which does not exist", s.path, number, m[1], m[2])
					continue
				}
				sections[m[1]+" §"+m[2]]++
			}
		})
	}
	for _, section := range slices.Sorted(maps.Keys(sections)) {
		if sections[section] == 0 {
			t.Logf("nobody cites docs/%s", section)
		}
	}
}

func TestCitedParagraphsExist(t *testing.T) {
	for _, s := range sources(t, has(".go", ".proto", ".md")) {
		if s.path == "docs/citations_test.go" || isGenerated(s.path) {
			continue
		}
		s.lines(func(number int, line string) {
			for _, problem := range badParagraphs(line) {
				t.Errorf("%s:%d cites %s, which A/78/265 does not have", s.path, number, problem)
			}
		})
	}
	bad := "A-10 s6 and A-17, B-1c-vi, R-4, I-5, BODY-43, A-9-s5, A-10 s4, s9"
	if got := badParagraphs(bad); len(got) != 8 {
		t.Errorf("of eight wrong citations the check finds %q", got)
	}
	if got := badParagraphs("A-10 s4, s5; A-7a-iii, B-1c-ii (A-9b s3), BODY-37c-ii, I-1..I-4, R-3, ML-DSA-65, SHA-256"); len(got) != 0 {
		t.Errorf("right citations are found wrong: %q", got)
	}
}

func badParagraphs(line string) (bad []string) {
	for _, at := range textCitation.FindAllStringIndex(line, -1) {
		if at[0] > 0 && strings.ContainsRune("-/", rune(line[at[0]-1])) {
			continue // part of another name, such as an address on an invented street
		}
		paragraph := line[at[0]:at[1]]
		most, ok := paragraphs[paragraph]
		if !ok {
			bad = append(bad, paragraph)
			continue
		}
		m := sentence.FindStringSubmatch(line[at[1]:])
		if m == nil {
			continue
		}
		for s := range strings.SplitSeq(m[1]+m[2], ", s") {
			if len(s) > 1 || int(s[0]-'0') < 1 || int(s[0]-'0') > most {
				bad = append(bad, paragraph+" s"+s)
			}
		}
	}
	return bad
}

// TestEveryFieldIsCited: what a field of the contract means has a source, and its comment names it.
func TestEveryFieldIsCited(t *testing.T) {
	fields := 0
	for _, s := range sources(t, func(p string) bool {
		return strings.HasPrefix(p, "proto/valise/v1/") && strings.HasSuffix(p, ".proto")
	}) {
		uncited, seen := fieldsWithoutSource(s)
		for _, f := range uncited {
			t.Errorf("%s:%d: the comment of field %s names no source: docs/protocol.md §N, or a paragraph of A/78/265", s.path, f.line, f.text)
		}
		fields += seen
	}
	if fields < 500 {
		t.Errorf("the test sees %d fields: it looks past most of the contract", fields)
	}
	seeded := source{text: strings.Join([]string{
		"// M is what it is. A-8", "message M {", "  // A. A-10 s4", "  string a = 1;",
		"  // B says", "  // two things. docs/protocol.md §4.1", "  bytes b = 2 [", "    (buf.validate.field).bytes.len = 32", "  ];",
		"  // C.", "  repeated string c = 3;", "  string d = 4;", "  oneof e {", "    // F.", "    map<string, M> f = 5;", "  }",
		"  // Not a source of g. R-1", "", "  optional .valise.v1.M g = 6 [deprecated = true];", "}",
		"// E. A-8", "enum E {", "  // None.", "  E_UNSPECIFIED = 0;", "}",
	}, "\n")}
	uncited, seen := fieldsWithoutSource(seeded)
	names := ""
	for _, f := range uncited {
		names += f.text
	}
	if names != "cdfg" || seen != 6 {
		t.Errorf("of the six seeded fields c, d, f and g have no source; the check sees %d and finds %q", seen, names)
	}
}

// fieldsWithoutSource finds the message fields of a .proto file whose comment cites nothing, and
// counts all of them. A comment belongs to the line right below it. Values of enums have no type
// before their name and are no fields.
func fieldsWithoutSource(s source) (uncited []finding, seen int) {
	comment := ""
	s.lines(func(number int, line string) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "//"); ok {
			comment += text
			return
		}
		if m := protoField.FindStringSubmatch(line); m != nil {
			seen++
			if !protocolCitation.MatchString(comment) && !textCitation.MatchString(comment) {
				uncited = append(uncited, finding{number, m[1]})
			}
		}
		comment = ""
	})
	return uncited, seen
}
