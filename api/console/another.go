package console

import (
	"fmt"
	"strings"

	"valise.example/api/locale"
)

// rows are the fields of a table that stands in a draft several times: a channel, a translation.
type rows struct {
	table       string // as api/draft writes it
	least, most int    // how many are shown at first; how many a message holds
	row         func(i int) []field
}

// channelRows are ways to go on, best first. I-4
func channelRows(least int, heads ...string) field {
	return field{rows: &rows{"preferred_channel", least, 8, func(i int) []field {
		return channelOf(fmt.Sprintf("preferred_channel[%d]", i), heads[min(i, len(heads)-1)])
	}}}
}

// translationRows are the same text in other languages. A-7a-iv
func translationRows(parts ...string) field {
	return field{rows: &rows{"translation", 1, 8, func(i int) []field { return translated(fmt.Sprintf("translation[%d]", i), parts) }}}
}

// spread puts the rows of each table in its place, as many as there are.
func (w *writing) spread(fields []field) (all []field) {
	for _, f := range fields {
		if f.rows == nil {
			all = append(all, f)
			continue
		}
		for i := range w.count(f.rows) {
			for _, own := range f.rows.row(i) {
				own.step = f.step
				all = append(all, own)
			}
		}
	}
	return all
}

// count is how many rows of a table are shown.
func (w *writing) count(r *rows) int { return max(w.rows[r.table], r.least) }

// tables are those of the form that stand there several times, each with its page.
func (w *writing) tables() (all []field) {
	for _, f := range w.ownFields() {
		if f.rows != nil {
			all = append(all, f)
		}
	}
	return all
}

// another is what a button asks to have once more; nil for a button that asks for nothing.
func (w *writing) another(next string, step int) *rows {
	table, asks := strings.CutPrefix(next, "another-")
	for _, f := range w.tables() {
		if asks && f.rows.table == table && f.step == step {
			return f.rows
		}
	}
	return nil
}

// add shows one row more, and gives the place of its first field. What stands in the others stays.
func (w *writing) add(r *rows) string {
	n := w.count(r) + 1
	if w.rows == nil {
		w.rows = map[string]int{}
	}
	w.rows[r.table] = min(n, r.most)
	return r.row(w.count(r) - 1)[0].key
}

// room shows as many rows as a draft fills.
func (w *writing) room(body map[string]any) {
	for _, f := range w.tables() {
		all, _ := body[f.rows.table].([]map[string]any)
		for w.count(f.rows) < min(len(all), f.rows.most) {
			w.add(f.rows)
		}
	}
}

// more is a button that adds a row.
type more struct {
	Table string
	Text  locale.Text
}

// More are the tables of this page of which a message holds one more.
func (p *writePage) More() (all []more) {
	texts := map[string]locale.Text{"preferred_channel": p.T.Write.AnotherChannel, "translation": p.T.Write.AnotherTranslation}
	for _, f := range p.tables() {
		if f.step == p.Step && p.count(f.rows) < f.rows.most {
			all = append(all, more{f.rows.table, texts[f.rows.table]})
		}
	}
	return all
}
