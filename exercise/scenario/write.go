package scenario

import (
	"slices"
	"strings"

	"valise.example/proto/tomlkey"
)

// written is an inject as people write it.
func written(in Inject) []string {
	out := []string{"[[inject]]", "id = " + quote(in.ID)}
	switch {
	case in.Manual:
		out = append(out, "manual = true")
	case in.When != nil:
		out = append(out, "when = "+in.When.toml())
	default:
		out = append(out, "at = "+quote(in.At.String()))
	}
	if in.Delay > 0 {
		out = append(out, "delay = "+quote(in.Delay.String()))
	}
	to := make([]string, len(in.To))
	for i, a := range in.To {
		to[i] = quote(a.String())
	}
	out = append(out, "to = ["+strings.Join(to, ", ")+"]", "how = "+quote(string(in.How)))
	if o := in.Opens; o != nil {
		keys := []string{"to = " + quote(o.To.String())}
		if !o.From.IsZero() {
			keys = slices.Insert(keys, 0, "from = "+quote(o.From.String()))
		}
		if o.IncidentOf != "" {
			keys = append(keys, "incident_of = "+quote(o.IncidentOf))
		}
		out = append(out, "opens = { "+strings.Join(keys, ", ")+" }")
	}
	if d := in.Does; d != nil {
		out = append(out, "does = "+d.toml())
	}
	if in.Unscored {
		out = append(out, "unscored = true")
	}
	out = append(append(out, "[inject.as]"), in.As.toml()...)
	return append(append(out, "[inject.text]"), in.Text.toml()...)
}

func (d *Does) toml() string {
	acts := make([]string, len(d.Acts))
	for i, a := range d.Acts {
		acts[i] = quote(string(a))
	}
	keys := []string{"acts = [" + strings.Join(acts, ", ") + "]"}
	if d.On != "" {
		keys = append(keys, "on = "+quote(d.On))
	}
	if !d.To.IsZero() {
		keys = append(keys, "to = "+quote(d.To.String()))
	}
	return "{ " + strings.Join(keys, ", ") + " }"
}

func (t Texts) toml() []string {
	var out []string
	for _, l := range Languages() {
		if s, ok := t[l]; ok {
			out = append(out, l+" = "+quote(s))
		}
	}
	return out
}

func (t Trigger) toml() string {
	inList := func(list []Trigger) string {
		out := make([]string, len(list))
		for i, sub := range list {
			out[i] = sub.toml()
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	switch {
	case t.Met != "":
		return "{ met = " + quote(t.Met) + " }"
	case t.Missed != "":
		return "{ missed = " + quote(t.Missed) + " }"
	case t.Event != nil:
		s := "{ event = " + quote(string(t.Event.Does))
		if !t.Event.From.IsZero() {
			s += ", from = " + quote(t.Event.From.String())
		}
		if !t.Event.To.IsZero() {
			s += ", to = " + quote(t.Event.To.String())
		}
		return s + " }"
	case t.Not != nil:
		return "{ not = " + t.Not.toml() + " }"
	case len(t.All) > 0:
		return "{ all = " + inList(t.All) + " }"
	}
	return "{ any = " + inList(t.Any) + " }"
}

// quote writes a string of TOML in which what people do not see stands by its number.
func quote(s string) string { return tomlkey.QuoteHidden(s, hides) }
