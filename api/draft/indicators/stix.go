package indicators

import (
	"fmt"
	"slices"
	"strings"
)

// stixType is the media type that STIX 2.1 registers for its bundles.
const stixType = "application/stix+json;version=2.1"

var stixID = whenNeeded(`^[a-z0-9-]{1,60}--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// wellKnown are the marking definitions of TLP that STIX 2.1 and its extension for TLP 2.0 fix by
// their ids; a bundle need not hold them.
var wellKnown = map[string]string{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "white",
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
	"marking-definition--f88d31f6-f486-44da-b317-01333bde0b82": "amber",
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}

// tlpExtension is the extension by which a bundle spells out a TLP 2.0 label.
const tlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// readSTIX takes one bundle of STIX 2.1.
func readSTIX(root any) (*Found, error) {
	bundle := objectOf(root)
	if bundle == nil || bundle["type"] != "bundle" {
		if bundle["Event"] != nil {
			return nil, bad("is a MISP event: use --from-misp")
		}
		return nil, bad("is no STIX bundle")
	}
	b := &stixBundle{found: Found{Source: "a STIX 2.1 bundle", MediaType: stixType}, byID: map[string]map[string]any{}, kinds: counts{}}
	for _, v := range append([]any{root}, listOf(bundle["objects"])...) {
		o := objectOf(v)
		if version := textOf(o["spec_version"]); version != "" && version != "2.1" {
			return nil, bad("is STIX of another version than 2.1")
		}
	}
	b.keep(listOf(bundle["objects"]))
	if len(b.order) == 0 {
		return nil, bad("is a bundle without objects")
	}
	for _, id := range b.order {
		b.read(b.byID[id])
	}
	walk(bundle["objects"], "", b.label)
	b.name(textOf(bundle["id"]))
	b.found.counted = fmt.Sprintf("A STIX 2.1 bundle with %d objects (%s) is attached; %d are indicators.", len(b.order), b.kinds, b.found.Indicators)
	return &b.found, nil
}

// stixBundle is a bundle while it is read.
type stixBundle struct {
	found Found
	byID  map[string]map[string]any
	order []string
	kinds counts
}

// keep takes the newest version of every object and none that is revoked: a bundle may hold
// several versions of one object. Timestamps of STIX are in UTC and sort as text.
func (b *stixBundle) keep(objects []any) {
	for _, v := range objects {
		o := objectOf(v)
		id := textOf(o["id"])
		if !stixID().MatchString(id) {
			b.found.unnamed++
			continue
		}
		known, there := b.byID[id]
		if !there {
			b.order = append(b.order, id)
		}
		if !there || textOf(known["modified"]) < textOf(o["modified"]) {
			b.byID[id] = o
		}
	}
	b.order = slices.DeleteFunc(b.order, func(id string) bool { return isTrue(b.byID[id]["revoked"]) })
}

func (b *stixBundle) read(o map[string]any) {
	kind := textOf(o["type"])
	b.kinds.add(kind)
	switch kind {
	case "indicator":
		b.found.Indicators++
	case "observed-data":
		b.found.seen.add(o["first_observed"])
		b.found.seen.add(o["last_observed"])
	case "sighting":
		b.found.seen.add(o["first_seen"])
		b.found.seen.add(o["last_seen"])
	case "relationship":
		b.targets(o)
	}
}

// targets takes the sectors of whom something is said to target. The sectors of who wrote a report
// are not the ones affected. I-2
func (b *stixBundle) targets(relation map[string]any) {
	if textOf(relation["relationship_type"]) != "targets" {
		return
	}
	id := textOf(relation["target_ref"])
	if !strings.HasPrefix(id, "identity--") || isTrue(b.byID[id]["revoked"]) {
		return
	}
	for _, v := range listOf(b.byID[id]["sectors"]) {
		b.found.Sectors.add(textOf(v))
	}
}

// label takes the markings of every object and of every part of one. A-11 s2
func (b *stixBundle) label(o map[string]any) {
	refs := listOf(o["object_marking_refs"])
	if ref := o["marking_ref"]; ref != nil {
		refs = append(slices.Clip(refs), ref)
	}
	for _, ref := range refs {
		b.marking(textOf(ref))
	}
}

// marking finds what a marking says: by its fixed id, by the extension for TLP 2.0, or as TLP of the
// first edition. Statements and whatever else there is are for people to read.
func (b *stixBundle) marking(id string) {
	if name, ok := wellKnown[id]; ok {
		b.found.labels.addTLP(name)
		return
	}
	o := b.byID[id]
	if name := textOf(objectOf(objectOf(o["extensions"])[tlpExtension])["tlp_2_0"]); name != "" {
		b.found.labels.addTLP(name)
		return
	}
	if textOf(o["definition_type"]) == "tlp" {
		b.found.labels.addTLP(textOf(objectOf(o["definition"])["tlp"]))
		return
	}
	b.found.labels.unknown = true
}

// name takes title and reference from the first report, else from the first grouping or incident.
func (b *stixBundle) name(bundle string) {
	if stixID().MatchString(bundle) {
		b.found.Reference = bundle
	}
	for _, kind := range []string{"report", "grouping", "incident"} {
		for _, id := range b.order {
			if o := b.byID[id]; textOf(o["type"]) == kind && textOf(o["name"]) != "" {
				b.found.Title, b.found.Reference = visible(textOf(o["name"]), maxTitle), id
				return
			}
		}
	}
}
