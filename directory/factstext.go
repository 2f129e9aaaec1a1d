package directory

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"valise.example/proto/tomlkey"
)

// EntryTOML writes facts as an entry.toml that explains itself; absent facts stand there as
// comments with an invented example. ParseEntryTOML gives the same facts back. A-7a
func EntryTOML(f EntryFacts) []byte {
	var w factsWriter
	w.line("# What this State says of itself in the directory. Other States see all of it.")
	w.line("# Every fact but the State may be left out: take the # away to fill one in. A-7a, A-10b")
	w.line("# Never write anything about an incident here. A-7b")
	w.text("", "state", f.State, "XA")
	w.line("")
	w.line("# Who nominated, by which note verbale, and when. A-7d")
	w.text("", "nominating_authority", f.NominatingAuthority, "Ministry of Foreign Affairs of Alder")
	w.text("", "note_verbale", f.NoteVerbale, "NV/2026/0001")
	w.text("", "note_verbale_date", f.NoteVerbaleDate, "2026-03-01")
	w.date("valid_from", f.ValidFrom, "2026-03-01T00:00:00Z")
	w.date("review_by", f.ReviewBy, "2026-09-01T00:00:00Z")
	w.line("")
	w.line("# The State's name as it writes it; courtesy = true marks an unofficial translation. A-7a-iv")
	w.texts("", "name", f.Names, "Alder")
	for _, p := range f.Points {
		w.point(p)
	}
	if len(f.Points) == 0 {
		w.line("")
		w.line("# One block for each point of contact. A-7a-i")
		w.line("# [[point_of_contact]]")
		w.line(`# track = "technical"`)
	}
	return []byte(w.b.String())
}

type factsWriter struct{ b strings.Builder }

func (w *factsWriter) line(s string) { w.b.WriteString(s + "\n") }

func (w *factsWriter) point(p PointFacts) {
	w.line("")
	w.line("[[point_of_contact]]")
	w.line("# diplomatic or technical. A-9")
	w.text("", "track", p.Track, "technical")
	w.line("# Beside the desk of its track, by telephone and email only; no message reaches it. A-7a-i, B-1b")
	if p.Further {
		w.line("further = true")
	} else {
		w.line("# further = true")
	}
	w.line("# entity (a desk with shifts) or person. A-7a-ii")
	w.text("", "type", p.Type, "entity")
	w.line("# The representative, where applicable. A-7a-iii")
	w.text("", "name", p.Name, "A. Example")
	w.line("# E.164, the first is called first. A-7a-iii")
	w.list("telephones", p.Telephones, "+99900000001")
	w.list("emails", p.Emails, "desk@cert.example")
	w.line("# Operational languages, BCP 47, any language. A-7a-iii")
	w.list("languages", p.Languages, "en")
	w.text("", "hours", p.Hours, "round the clock")
	w.text("", "time_zone", p.TimeZone, "Etc/UTC")
	w.line("# The same for machines, in that zone: days and times, or always. docs/protocol.md §8.1")
	w.list("open", p.Open, "Sun-Thu 08:00-16:00", "Sat 22:00-02:00")
	w.line("# Room for policy, legal and other labels. B-1b")
	w.list("labels", p.Labels, "policy")
	w.texts("point_of_contact.", "entity", p.Entity, "National CERT of Alder")
	w.texts("point_of_contact.", "designation", p.Designation, "Duty officer")
}

func (w *factsWriter) text(indent, key, value, example string) {
	if value == "" {
		w.line(fmt.Sprintf("# %s%s = %s", indent, key, tomlkey.Quote(example)))
		return
	}
	w.line(fmt.Sprintf("%s%s = %s", indent, key, tomlkey.Quote(value)))
}

func (w *factsWriter) date(key string, at time.Time, example string) {
	if at.IsZero() {
		w.line("# " + key + " = " + example)
		return
	}
	w.line(key + " = " + at.UTC().Format(time.RFC3339Nano))
}

func (w *factsWriter) list(key string, values []string, examples ...string) {
	mark := ""
	if len(values) == 0 {
		mark, values = "# ", examples
	}
	w.line(mark + key + " = " + tomlkey.QuoteAll(values))
}

func (w *factsWriter) texts(parent, key string, all []TextFact, example string) {
	if len(all) == 0 {
		w.line("# [[" + parent + key + "]]")
		w.line(`# language = "en"`)
		w.line("# text = " + tomlkey.Quote(example))
	}
	for _, t := range all {
		w.line("[[" + parent + key + "]]")
		w.line("language = " + tomlkey.Quote(t.Language))
		w.line("text = " + tomlkey.Quote(t.Text))
		if t.Courtesy {
			w.line("courtesy = " + strconv.FormatBool(t.Courtesy))
		}
	}
}
