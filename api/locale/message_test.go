package locale

import (
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
)

// Which form a number has in each language, as CLDR says.
func TestPluralForms(t *testing.T) {
	for _, c := range []struct {
		l    Language
		form string
		of   []int
	}{
		{Arabic, "zero", []int{0}}, {Arabic, "one", []int{1, -1}}, {Arabic, "two", []int{2}},
		{Arabic, "few", []int{3, 10, 103, 110, -3}}, {Arabic, "many", []int{11, 99, 111, 1011}}, {Arabic, "other", []int{100, 101, 102, 200, 1000}},
		{Russian, "one", []int{1, 21, 101, 1001}}, {Russian, "few", []int{2, 4, 22, 104}}, {Russian, "many", []int{0, 5, 11, 14, 111, 112, 1000}},
		{French, "one", []int{0, 1}}, {French, "other", []int{2, 11, 100}},
		{English, "one", []int{1}}, {English, "other", []int{0, 2, 21, 101}},
		{Spanish, "one", []int{1}}, {Spanish, "other", []int{0, 2, 21}},
		{Chinese, "other", []int{0, 1, 2, 100}},
	} {
		for _, n := range c.of {
			if got := c.l.form(n); got != forms[c.form] {
				t.Errorf("%d in %s has another form than %s", n, c.l, c.form)
			}
		}
	}
	for l, want := range map[Language]int{Arabic: 6, Russian: 4, Chinese: 1, English: 2, French: 2, Spanish: 2} {
		if got := len(l.numbers()); got != want {
			t.Errorf("%s has %d forms, want %d", l, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	m := message{counted: true, byForm: map[plural.Form]string{plural.One: "{count} строка", plural.Few: "{count} строки", plural.Many: "{count} строк", plural.Other: "{count} строки"}}
	for n, want := range map[int]string{1: "1 строка", 3: "3 строки", 11: "11 строк", 21: "21 строка", 1_000_000: "1000000 строк"} {
		if got := m.count(Russian, n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// What is filled in is never read as a place to fill.
func TestFill(t *testing.T) {
	got := fill("{a} and {b}", values{"a": "{b}", "b": "{a}{"})
	if got != "{b} and {a}{" {
		t.Errorf("it became %q", got)
	}
	if got := Of(French).HintLine("{hint} {count}"); !strings.HasSuffix(got, " {hint} {count}") {
		t.Errorf("a hint became %q", got)
	}
}
