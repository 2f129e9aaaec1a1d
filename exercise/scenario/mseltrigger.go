package scenario

import (
	"fmt"
	"strings"
)

// Words is a condition as a list of injects has it: "missed E02", "response.sent from XB/technical",
// "all(met E01; not(missed E02))". docs/scenario.md §10
func (t Trigger) Words() string {
	switch {
	case t.Met != "":
		return "met " + t.Met
	case t.Missed != "":
		return "missed " + t.Missed
	case t.Event != nil:
		s := string(t.Event.Does)
		if !t.Event.From.IsZero() {
			s += " from " + t.Event.From.String()
		}
		if !t.Event.To.IsZero() {
			s += " to " + t.Event.To.String()
		}
		return s
	case t.Not != nil:
		return "not(" + t.Not.Words() + ")"
	case len(t.All) > 0:
		return "all(" + wordsOfAll(t.All) + ")"
	}
	return "any(" + wordsOfAll(t.Any) + ")"
}

func wordsOfAll(list []Trigger) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.Words()
	}
	return strings.Join(out, "; ")
}

// condition reads what Words writes into the tree that a file would have.
func condition(s string, nested int) (map[string]any, error) {
	s = strings.TrimSpace(s)
	if nested > maxNested {
		return nil, fmt.Errorf("holds conditions within conditions more than %d deep", maxNested)
	}
	for _, name := range []string{"all", "any", "not"} {
		inner, ok := strings.CutPrefix(s, name+"(")
		if !ok {
			continue
		}
		if inner, ok = strings.CutSuffix(inner, ")"); !ok {
			return nil, fmt.Errorf("%s is not closed", quoted(s))
		}
		parts, err := branches(inner)
		if err != nil {
			return nil, err
		}
		var list []any
		for _, part := range parts {
			sub, err := condition(part, nested+1)
			if err != nil {
				return nil, err
			}
			list = append(list, sub)
		}
		if name != "not" {
			return map[string]any{name: list}, nil
		}
		if len(list) != 1 {
			return nil, fmt.Errorf("not( ) holds one condition")
		}
		return map[string]any{name: list[0]}, nil
	}
	return simple(s)
}

// branches parts what stands between brackets at the semicolons that are in no further ones.
func branches(s string) ([]string, error) {
	var out []string
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return nil, fmt.Errorf("%s closes what was not opened", quoted(s))
			}
		case ';':
			if depth == 0 {
				out, from = append(out, s[from:i]), i+1
			}
		}
	}
	if depth != 0 {
		return nil, fmt.Errorf("%s is not closed", quoted(s))
	}
	return append(out, s[from:]), nil
}

func simple(s string) (map[string]any, error) {
	words := strings.Fields(s)
	if len(words) == 2 && (words[0] == "met" || words[0] == "missed") {
		return map[string]any{words[0]: words[1]}, nil
	}
	if len(words)%2 == 0 || len(words) > 5 {
		return nil, fmt.Errorf("%s is no condition", quoted(s))
	}
	out := map[string]any{"event": words[0]}
	for i := 1; i < len(words); i += 2 {
		if _, twice := out[words[i]]; twice || words[i] != "from" && words[i] != "to" {
			return nil, fmt.Errorf("%s is no condition", quoted(s))
		}
		out[words[i]] = words[i+1]
	}
	return out, nil
}
