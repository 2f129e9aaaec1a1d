package main

import (
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
	return p.resultOf(listing, listingLines(p.speech(), listing)...)
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
	s, o, lines := p.speech(), comparisonObject(said), []string{}
	if i := slices.IndexFunc(listing.States, func(x directory.StateListing) bool { return x.State == name }); i >= 0 {
		o["entry"], lines = listing.States[i], stateLines(s, listing.States[i])
	} else if at, left := snapshot.Left(state); left {
		o["left"] = at
		lines = append(lines, s.line(s.say(s.Directory.LeftDirectory, "state", s.theirs(name), "date", s.date(at))))
	} else if len(said.GetContacts()) == 0 {
		return refuse(valisev1.Reason_REASON_NOT_FOUND, "this State is not in the directory", "valise directory show lists all")
	} else {
		lines = append(lines, s.line(s.say(s.Directory.NotIn, "state", s.theirs(name))))
	}
	return p.result(o, append(lines, comparisonLines(s, said)...)...)
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

func listingLines(s speech, l directory.Listing) []string {
	if l.Number == 0 {
		return []string{s.line(s.Directory.NoList.String())}
	}
	lines := s.lines([]string{
		s.say(s.Directory.List, "number", decimal(l.Number), "issued", s.theirs(l.Issued.Format(time.RFC3339)), "expires", s.theirs(l.Expires.Format(time.RFC3339))),
		s.say(s.Record.Realm, "realm", s.theirs(l.Realm)),
	})
	if l.Stale {
		lines = append(lines, s.line(s.Directory.Stale.String()))
	}
	for _, m := range l.ManagerSet.Managers {
		lines = append(lines, s.fact(s.Directory.Manager.String(), 8, s.theirs(m.Fingerprint)))
	}
	for _, r := range l.Relays {
		lines = append(lines, s.fact(s.Directory.Relay.String(), 8, s.theirs(r.Address)))
	}
	for _, x := range l.States {
		lines = append(lines, stateLines(s, x)...)
	}
	for _, x := range l.Left {
		lines = append(lines, s.line(s.say(s.Directory.Left, "state", s.theirs(x.State), "date", s.date(x.At))))
	}
	return lines
}
