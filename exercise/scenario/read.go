package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"valise.example/proto/tomlkey"
)

// reader holds a decoded file against its shape and notes everything that is wrong with it.
type reader struct {
	file    string
	outline tomlkey.Outline
	errs    []*Error
}

func (r *reader) wrong(path, hint, reason string, args ...any) {
	r.errs = append(r.errs, &Error{File: r.file, Line: r.outline.At(path), Key: path, Reason: fmt.Sprintf(reason, args...), Hint: hint})
}

// value holds v against s. Nested is the number of shapes around it that hold themselves.
func (r *reader) value(path string, v any, s *shape, nested int) {
	if s.ref != "" {
		if nested++; nested > maxNested {
			r.wrong(path, "split the inject in two", "holds conditions within conditions more than %d deep", maxNested)
			return
		}
	}
	switch s.form {
	case table:
		r.table(path, v, s, nested)
	case named:
		r.named(path, v, s, nested)
	case list:
		r.list(path, v, s, nested)
	case integer:
		if n, ok := v.(int64); !ok {
			r.wrongType(path, v, "a whole number")
		} else if n < s.least || n > s.most {
			r.wrong(path, "", "must be from %d to %d", s.least, s.most)
		}
	case boolean:
		if on, ok := v.(bool); !ok || !on {
			r.wrong(path, "leave the key out where it does not hold", "must be true")
		}
	case moment:
		r.moment(path, v)
	default:
		r.text(path, v, s)
	}
}

func (r *reader) table(path string, v any, s *shape, nested int) {
	in, ok := v.(map[string]any)
	if !ok {
		r.wrongType(path, v, "a table")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if k, ok := s.key(name); ok {
			r.value(tomlkey.Join(path, name), in[name], k.shape, nested)
			continue
		}
		r.wrong(tomlkey.Join(path, shown(name)), "keys here are "+strings.Join(s.names(), ", "), "there is no such key")
	}
	for _, k := range s.keys {
		if _, ok := in[k.name]; !ok && k.needed {
			r.wrong(tomlkey.Join(path, k.name), k.shape.says, "is missing")
			r.errs[len(r.errs)-1].missing = true
		}
	}
	n := 0
	for _, name := range s.one {
		if _, ok := in[name]; ok {
			n++
		}
	}
	if len(s.one) > 0 && n != 1 {
		r.wrong(path, "", "must have exactly one of %s", strings.Join(s.one, ", "))
	}
}

func (r *reader) named(path string, v any, s *shape, nested int) {
	in, ok := v.(map[string]any)
	if !ok {
		r.wrongType(path, v, "a table")
		return
	}
	r.count(path, len(in), s)
	for _, name := range slices.Sorted(maps.Keys(in)) {
		at := tomlkey.Join(path, shown(name))
		if flaw := s.flaw(name); flaw != "" {
			r.wrong(at, "", "%s", flaw)
		}
		r.value(at, in[name], s.of, nested)
	}
}

func (r *reader) list(path string, v any, s *shape, nested int) {
	in, ok := elements(v)
	if !ok {
		r.wrongType(path, v, "a list")
		return
	}
	r.count(path, len(in), s)
	seen := map[any]bool{}
	for i, e := range in {
		at := tomlkey.Index(path, i)
		r.value(at, e, s.of, nested)
		if t, ok := e.(string); ok && s.unique {
			if seen[t] {
				r.wrong(at, "", "%.40q stands here twice", t)
			}
			seen[t] = true
		}
	}
}

// elements takes [[tables]] as well as a list of inline tables.
func elements(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case []map[string]any:
		out := make([]any, len(v))
		for i, t := range v {
			out[i] = t
		}
		return out, true
	}
	return nil, false
}

func (r *reader) count(path string, n int, s *shape) {
	if int64(n) < s.least || int64(n) > s.most {
		r.wrong(path, "", "has %d, must have %d to %d", n, s.least, s.most)
	}
}

func (r *reader) moment(path string, v any) {
	at, ok := v.(time.Time)
	if !ok {
		r.wrongType(path, v, "a date and time")
		return
	}
	if at.Location() != time.UTC || at.Nanosecond() != 0 || at.Year() < 2000 || at.Year() > 2999 {
		r.wrong(path, "write 2030-03-05T05:30:00Z, without quotation marks", "must be a whole second in UTC, from 2000 to 2999")
	}
}

func (r *reader) text(path string, v any, s *shape) {
	t, ok := v.(string)
	if !ok {
		r.wrongType(path, v, "a text in quotation marks")
		return
	}
	if flaw := s.flaw(t); flaw != "" {
		r.wrong(path, s.hint(), "%s", flaw)
	}
}

// flaw is what is wrong with a text or a name; empty for nothing.
func (s *shape) flaw(t string) string {
	switch {
	case s.enum != nil && !slices.Contains(s.enum, t):
		return fmt.Sprintf("%s is not known here", quoted(t))
	case s.enum != nil:
		return ""
	case s.pattern != nil && !s.pattern.MatchString(t), s.form == span && t == "":
		return fmt.Sprintf("%s does not have the form of %s", quoted(t), s.example)
	case s.form == span:
		if _, err := ParseSpan(t); err != nil {
			return strings.TrimPrefix(err.Error(), "scenario: ")
		}
	case s.pattern == nil && (strings.TrimSpace(t) == "" || int64(len(t)) > s.most):
		return fmt.Sprintf("has %d bytes, must have 1 to %d and not only blanks", len(t), s.most)
	case s.pattern == nil && strings.ContainsFunc(t, func(c rune) bool { return c != '\n' && unicode.IsControl(c) }):
		return "holds a control character that nobody sees"
	case s.check != nil:
		if flaw := s.check(t); flaw != "" {
			return fmt.Sprintf("%s %s", quoted(t), flaw)
		}
	}
	return ""
}

func (s *shape) hint() string {
	if len(s.enum) > 0 {
		return "known are " + strings.Join(s.enum, ", ")
	}
	return ""
}

func (r *reader) wrongType(path string, v any, want string) {
	r.wrong(path, "", "must be %s, not %s", want, typeName(v))
}

func typeName(v any) string {
	switch v.(type) {
	case string:
		return "a text"
	case int64:
		return "a whole number"
	case float64:
		return "a decimal number"
	case bool:
		return "true or false"
	case time.Time:
		return "a date or time"
	case map[string]any:
		return "a table"
	}
	return "a list"
}

// quoted is at most 40 characters of the file, made visible.
func quoted(s string) string {
	return fmt.Sprintf("%q", shorten(s))
}

// shown is a key as a path can hold it.
func shown(key string) string {
	if idPattern.MatchString(key) {
		return key
	}
	q := quoted(key)
	return q[1 : len(q)-1]
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= 40 {
		return s
	}
	return string([]rune(s)[:40]) + "…"
}
