package indicators

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// mispType is the media type by which a MISP event travels. None is registered for it.
const mispType = "application/vnd.misp+json"

var (
	uuid    = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	day     = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	machine = whenNeeded(`^([A-Za-z0-9_-]{1,60}):([A-Za-z0-9_-]{1,60})="([^"]{1,400})"$`) // namespace:predicate="value"
)

// whenNeeded reads a pattern with large counts when it is first asked: every command starts with all that its
// program reads at once.
func whenNeeded(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// readMISP takes one event, as the tool exports it and as its search answers.
func readMISP(root any) (*Found, error) {
	event, err := oneEvent(root)
	if err != nil {
		return nil, err
	}
	e := &mispEvent{found: Found{Source: "a MISP event", MediaType: mispType}, kinds: counts{}}
	e.found.Title = visible(textOf(event["info"]), maxTitle)
	if id := textOf(event["uuid"]); uuid.MatchString(id) {
		e.found.Reference = strings.ToLower(id)
	}
	e.attributes(event["Attribute"], "")
	for _, v := range listOf(event["Object"]) {
		e.object(objectOf(v))
	}
	walk(event, "", e.label)
	walk(event, "RelatedEvent", e.tags)
	e.tell(event)
	return &e.found, nil
}

// oneEvent finds the event: {"Event":{}}, [{"Event":{}}] or {"response":[{"Event":{}}]}.
func oneEvent(root any) (map[string]any, error) {
	if o := objectOf(root); o != nil && o["response"] != nil {
		root = o["response"]
	}
	if l, ok := root.([]any); ok {
		if len(l) != 1 {
			return nil, bad(fmt.Sprintf("holds %d events: a draft is filled from one", len(l)))
		}
		root = l[0]
	}
	event := objectOf(objectOf(root)["Event"])
	if event == nil || textOf(event["info"]) == "" && textOf(event["uuid"]) == "" {
		if objectOf(root)["type"] == "bundle" {
			return nil, bad("is a STIX bundle: use --from-stix")
		}
		return nil, bad("is no MISP event: no object Event with info or uuid stands in it")
	}
	return event, nil
}

// mispEvent is an event while it is read.
type mispEvent struct {
	found   Found
	kinds   counts
	total   int
	objects int
}

// object reads an object of the event; a deleted one is kept by the tool and means nothing.
func (e *mispEvent) object(o map[string]any) {
	if o == nil || isTrue(o["deleted"]) {
		return
	}
	e.objects++
	e.found.seen.add(o["first_seen"])
	e.found.seen.add(o["last_seen"])
	e.attributes(o["Attribute"], textOf(o["name"]))
}

func (e *mispEvent) attributes(v any, object string) {
	for _, v := range listOf(v) {
		a := objectOf(v)
		if a == nil || isTrue(a["deleted"]) {
			continue
		}
		e.total++
		e.kinds.add(textOf(a["type"]))
		if isTrue(a["to_ids"]) {
			e.found.Indicators++
		}
		e.found.seen.add(a["first_seen"])
		e.found.seen.add(a["last_seen"])
		if object == "victim" && textOf(a["object_relation"]) == "sectors" {
			e.found.Sectors.add(textOf(a["value"]))
		}
	}
}

// label takes labels from wherever they stand: one attribute under TLP:RED is enough. A-11 s2
func (e *mispEvent) label(o map[string]any) {
	for _, v := range listOf(o["Tag"]) {
		name := textOf(objectOf(v)["name"])
		space, value, ok := strings.Cut(name, ":")
		switch {
		case !ok:
		case strings.EqualFold(space, "tlp"):
			e.found.labels.addTLP(value)
		case strings.EqualFold(space, "pap"):
			e.found.labels.addPAP(value)
		}
	}
}

// tags takes what tags and galaxies say of the incident itself: which sectors, which RSIT class.
func (e *mispEvent) tags(o map[string]any) {
	for _, v := range listOf(o["Tag"]) {
		m := machineTag(textOf(objectOf(v)["name"]))
		switch {
		case m == nil:
		case m.space == "misp-galaxy" && m.predicate == "sector", m.space == "dhs-ciip-sectors":
			e.found.Sectors.add(m.value)
		case m.space == "rsit" && e.found.Nature == "":
			e.found.Nature = m.predicate
		}
	}
	for _, v := range listOf(o["Galaxy"]) {
		galaxy := objectOf(v)
		for _, c := range listOf(galaxy["GalaxyCluster"]) {
			if textOf(galaxy["type"]) == "sector" {
				e.found.Sectors.add(textOf(objectOf(c)["value"]))
			}
		}
	}
}

// triple is a tag of the form namespace:predicate="value".
type triple struct{ space, predicate, value string }

func machineTag(name string) *triple {
	if m := machine().FindStringSubmatch(name); m != nil {
		return &triple{m[1], m[2], m[3]}
	}
	return nil
}

// tell writes what there is in words, with numbers and types and no indicator itself.
func (e *mispEvent) tell(event map[string]any) {
	what := fmt.Sprintf("%d attributes", e.total)
	if e.objects > 0 {
		what += fmt.Sprintf(" and %d objects", e.objects)
	}
	if e.total > 0 {
		what += " (" + e.kinds.String() + ")"
	}
	e.found.counted = fmt.Sprintf("A MISP event with %s is attached; %d attributes are marked for detection.", what, e.found.Indicators)
	if d := textOf(event["date"]); day.MatchString(d) {
		e.found.remark("The event has the date " + d + ", without a time or zone: it fills no time below.")
	}
	if d := textOf(event["distribution"]); d == "0" || d == "4" {
		e.found.remark("In MISP this event is shared with your own organisation or a named group only: may it go out?")
	}
}
