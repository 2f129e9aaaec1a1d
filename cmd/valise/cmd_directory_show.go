package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func newDirectoryShowCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "show [STATE]",
		Short: "The directory in force at a node, or as the manager published it; of one State, with what others say",
		Annotations: documented("the directory in force, at a node also whether somebody there has called a State and compared its root (`not_called_back`, `called_back`); with STATE its entry, and at a node what directories of other bodies say of it: contacts, where nominations differ, and a suggested way",
			directoryObject,
			compareObject),
		Long: `With STATE, what directories of other bodies say of it stands below its entry: each with the file and
row it is from, a warning where they name others than the entry, and a way that both States have
through a body to which both belong. Nobody signed that, nothing uses it, and the sender chooses.

` + exitTable,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return p.runDirectoryShowState(args[0])
			}
			return p.runDirectoryShow()
		},
	}
}

func (p *program) runDirectoryShow() error {
	snapshot, own, err := p.snapshotAndOwn()
	if err != nil {
		return err
	}
	listing := lists(p.listing(snapshot, own))
	return p.resultOf(listing, listingLines(listing)...)
}

// snapshotAndOwn is snapshot, and whose node the home is; a manager's is nobody's.
func (p *program) snapshotAndOwn() (*directory.Snapshot, ident.State, error) {
	dir, err := p.homeDir()
	if err != nil {
		return nil, "", err
	}
	if is, _, err := look(dir); err == nil && is == placeNode {
		book, config, _, err := p.nodeBook()
		if err != nil {
			return nil, "", err
		}
		return book.Snapshot(), config.State, nil
	}
	snapshot, err := p.snapshot()
	return snapshot, "", err
}

// listing is a directory for people; at a node it tells also whom somebody there has called.
func (p *program) listing(snapshot *directory.Snapshot, own ident.State) directory.Listing {
	if own == "" {
		return snapshot.Show(p.now())
	}
	return snapshot.ShowAt(own, p.now())
}

// runDirectoryShowState shows one State, also one that has no entry and of which another body says
// something. A-12
func (p *program) runDirectoryShowState(name string) error {
	state, err := ident.ParseState(name)
	if err != nil {
		return usage(err.Error())
	}
	snapshot, own, err := p.snapshotAndOwn()
	if err != nil {
		return err
	}
	entry, _ := snapshot.Entry(state)
	said, err := p.compareOthers(state, entry)
	if err != nil {
		return err
	}
	listing := lists(p.listing(snapshot, own))
	o, lines := comparisonObject(said), []string{}
	if i := slices.IndexFunc(listing.States, func(s directory.StateListing) bool { return s.State == name }); i >= 0 {
		o["entry"], lines = listing.States[i], stateLines(listing.States[i])
	} else if at, left := snapshot.Left(state); left {
		o["left"] = at
		lines = append(lines, fmt.Sprintf("%s left the directory on %s", state, at.Format(time.DateOnly)))
	} else if len(said.GetContacts()) == 0 {
		return refuse(valisev1.Reason_REASON_NOT_FOUND, "this State is not in the directory", "valise directory show lists all")
	} else {
		lines = append(lines, state.String()+" is not in the directory")
	}
	return p.result(o, append(lines, comparisonLines(inEnglish(), said)...)...)
}

// lists keeps every empty list an empty list in JSON; null would break scripts.
func lists(l directory.Listing) directory.Listing {
	l.ManagerSet.Managers = listOf(l.ManagerSet.Managers)
	l.States, l.Left, l.Relays = listOf(l.States), listOf(l.Left), listOf(l.Relays)
	for i := range l.States {
		s := &l.States[i]
		s.Names, s.POCs, s.Further = listOf(s.Names), listOf(s.POCs), listOf(s.Further)
		for j := range s.POCs {
			s.POCs[j].SigningKeys = listOf(s.POCs[j].SigningKeys)
		}
	}
	return l
}

// directoryObject is what show prints, as docs/cli.md shows it.
const directoryObject = `{"realm","number","hash","issued","expires","stale",` +
	`"manager_set":{"number","threshold","managers":[{"key_id","fingerprint"}]},` +
	`"states":[{` + stateKeys + `}],` +
	`"left":[{"state","at"}],"relays":[{"name","address","tls_key"}]}`

// stateKeys are what an entry says, within an object.
const stateKeys = `"state","entry_number","root":{"key_id","fingerprint"},"new_root"?:{"key_id","fingerprint"},"not_called_back"?,"called_back"?:{"at","officer","item","own_number"},` +
	`"names":[` + nameObject + `],"points_of_contact":[{"address",` + factsObject + `,` +
	`"signing_keys":[{"key_id","fingerprint","valid_from","valid_until","revoked_since"?}],"reachable","bundle_number"?,"bundle_expires"?}],` +
	`"further_points_of_contact":[{"track",` + factsObject + `}],"valid_from"?,"review_by"?,"nomination":{"authority"?,"note_verbale"?,"note_verbale_date"?}`

// factsObject is what a State says of a point of contact, within an object.
const factsObject = `"type"?,"entity"?:[` + nameObject + `],"name"?,"designation"?:[` + nameObject + `],"telephones"?:[],"emails"?:[],` +
	`"languages"?:[],"hours"?,"time_zone"?,"open"?:[],"office"?:{"open","changes"?},"labels"?:[]`

const nameObject = `{"language","text","courtesy"?}`

func listingLines(l directory.Listing) []string {
	if l.Number == 0 {
		return []string{"no list is in force"}
	}
	lines := []string{fmt.Sprintf("list %d, issued %s, fresh until %s", l.Number, l.Issued.Format(time.RFC3339), l.Expires.Format(time.RFC3339)), "realm " + l.Realm}
	if l.Stale {
		lines = append(lines, "the list is past its date: ask the manager for a new one; receiving goes on")
	}
	for _, m := range l.ManagerSet.Managers {
		lines = append(lines, "manager  "+m.Fingerprint)
	}
	for _, r := range l.Relays {
		lines = append(lines, "relay    "+r.Address)
	}
	for _, s := range l.States {
		lines = append(lines, stateLines(s)...)
	}
	for _, s := range l.Left {
		lines = append(lines, fmt.Sprintf("%s left on %s", s.State, s.At.Format(time.DateOnly)))
	}
	return lines
}
