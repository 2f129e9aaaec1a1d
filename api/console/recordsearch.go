package console

import (
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// mostLooks is how often one page asks for more items that fit, before it lets the officer go on: each time the node
// looks at no more than its own bound. docs/protocol.md §12.2
const mostLooks = 5

// itemSearch is what the form of the record narrows its items down to, as it was typed.
type itemSearch struct {
	Period     period
	Kind, Type string // by their names in the contract, in small letters; empty: all
	request    *valisev1.ListItemsRequest
}

// Narrowed reports whether not all items are asked for.
func (s itemSearch) Narrowed() bool { return s.Period.Since+s.Period.Until+s.Kind+s.Type != "" }

// read takes the form. A kind or type that nobody offered leads nowhere.
func (s *itemSearch) read(query url.Values) error {
	s.Period, s.Kind, s.Type = periodOf(query), query.Get("kind"), query.Get("type")
	s.request = &valisev1.ListItemsRequest{Since: s.Period.since, Until: s.Period.until}
	if s.Kind != "" {
		kind, known := valisev1.Kind_value["KIND_"+strings.ToUpper(s.Kind)]
		if !known || kind == 0 {
			return refuse(valisev1.Reason_REASON_NOT_FOUND)
		}
		s.request.Kinds = []valisev1.Kind{valisev1.Kind(kind)}
	}
	if s.Type != "" {
		of, known := valisev1.ItemType_value["ITEM_TYPE_"+strings.ToUpper(s.Type)]
		if !known || of == 0 {
			return refuse(valisev1.Reason_REASON_NOT_FOUND)
		}
		s.request.Types = []valisev1.ItemType{valisev1.ItemType(of)}
	}
	return nil
}

// findItems fills a page with items that fit, from a place in the record on.
func (v *visit) findItems(p *recordPage, place string) error {
	p.Find.request.Thread = p.Thread
	for range mostLooks {
		p.Find.request.PageSize, p.Find.request.PageToken = int32(pageRows-len(p.Items)), place
		list, err := v.c.door.record.ListItems(v.ctx(), p.Find.request)
		if err != nil {
			return err
		}
		for _, item := range list.GetItems() {
			p.Items = append(p.Items, itemRow{p.frame, item})
		}
		p.Next, place = list.GetNextPageToken(), list.GetNextPageToken()
		if place == "" || len(p.Items) == pageRows {
			return nil
		}
	}
	return nil
}

// More is the query of the page that follows.
func (p *recordPage) More() template.URL {
	query := url.Values{"page": {p.Next}}
	if p.Searched {
		query.Set("state", p.Of)
		return template.URL(query.Encode()) //nolint:gosec // encoded
	}
	for name, value := range map[string]string{"thread": p.Thread, "since": p.Find.Period.Since, "until": p.Find.Period.Until, "kind": p.Find.Kind, "type": p.Find.Type} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return template.URL(query.Encode()) //nolint:gosec // encoded
}

// choiceOf is one line of a choice.
type choiceOf struct {
	Value string
	Text  locale.Text
}

// Kinds are what messages are, in the order of the contract. docs/protocol.md §5.1
func (p *recordPage) Kinds() (all []choiceOf) {
	names := p.Vocabulary().Kind
	for _, n := range slices.Sorted(maps.Keys(valisev1.Kind_name)) {
		name := strings.TrimPrefix(lower(valisev1.Kind(n).String()), "kind_")
		if text, known := locale.Named(names, name); known {
			all = append(all, choiceOf{name, text})
		}
	}
	return all
}

// Types are what items tell, in the order of the contract. docs/protocol.md §9.1
func (p *recordPage) Types() (all []choiceOf) {
	for _, n := range slices.Sorted(maps.Keys(valisev1.ItemType_name)) {
		if of := valisev1.ItemType(n); of != valisev1.ItemType_ITEM_TYPE_UNSPECIFIED {
			all = append(all, choiceOf{strings.TrimPrefix(lower(of.String()), "item_type_"), p.itemType(of)})
		}
	}
	return all
}
