package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func newKeyCommand(p *program) *cobra.Command {
	return nounCommand("key", "Keys of a State and its node, and the fingerprints that are read aloud",
		newKeyCeremonyCommand(p),
		newKeyProtectCommand(p),
		newKeyRevokeCommand(p),
		newKeyRotateCommand(p),
		newKeyShowCommand(p),
	)
}

// blankFacts has one desk a track, so that only facts remain to be filled in. A-7a
func blankFacts(state ident.State) directory.EntryFacts {
	if state.IsPrincipal() {
		return directory.EntryFacts{State: state.String(), Points: []directory.PointFacts{{Track: ident.Manager.String()}}}
	}
	return directory.EntryFacts{State: state.String(), Points: []directory.PointFacts{
		{Track: ident.Diplomatic.String()}, {Track: ident.Technical.String()},
	}}
}

func newKeyShowCommand(p *program) *cobra.Command {
	var passphrase secret
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Fingerprints of a root's folder, a node's home or a manager's directory",
		Annotations: documented("fingerprints of a root's folder, a node's home or a manager's directory; with `--json` also a node's public keys",
			sheetObject,
			nodeKeysObject),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runKeyShow(&passphrase) },
	}
	addPassphraseFlags(cmd, &passphrase)
	return cmd
}

func (p *program) runKeyShow(passphrase *secret) error {
	dir, err := p.homeDir()
	if err != nil {
		return err
	}
	is, realm, err := look(dir)
	if err != nil {
		return err
	}
	switch is {
	case placeRegistry:
		registry, _, err := p.registry()
		if err != nil {
			return err
		}
		return p.printManagers(realm, registry.Managers())
	case placeRoot:
		sheet, err := directory.ReadKeySheet(dir, realm)
		if err != nil {
			return err
		}
		return p.printSheet(sheet)
	}
	home, err := p.openOffline(passphrase)
	if err != nil {
		return err
	}
	keys, err := keysOfNode(home)
	if err != nil {
		return err
	}
	_, door, err := node.DoorCertificate(dir)
	if err != nil && node.ReasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
		return err
	}
	if err == nil {
		keys.door = door.String()
	}
	return p.printNodeKeys(keys)
}

// printNodeKeys prints the sheet; --json has the public keys too, for the State's root.
func (p *program) printNodeKeys(keys nodeKeys) error {
	rows := []keyRow{}
	for _, k := range keys.sorted() {
		rows = append(rows, keyRow{k.address.String(), k.key.ID(keys.realm)})
	}
	s := p.speech()
	lines := sheetLines(s, keys.state.String(), keys.realm, rows)
	if keys.door != "" {
		lines = append(lines, "", s.line(s.Key.Door.String()), "    "+s.theirs(keys.door))
	}
	return p.resultOf(keys.text(), lines...)
}

// managerRow is whose key it is, of one that is no point of contact's.
const managerRow = "manager"

// keyRow is one line of a fingerprint sheet.
type keyRow struct {
	whose string
	id    ident.KeyID
}

// The fingerprint sheet, and that of a node's home, as docs/cli.md shows them.
const (
	sheetObject    = `{"state","realm","keys":[{"key","key_id","fingerprint"}]}`
	nodeKeysObject = `{"state","realm","entry_number","keys":[{"key","key_id","fingerprint","ed25519","mldsa65","number"}],"door"}` +
		"; of a node's home; public keys in base64, `number` counts the keys of one POC; `door` is the SHA-256 of the key of its certificate over TCP"
)

func (p *program) printSheet(sheet directory.KeySheet) error {
	return p.printKeys(sheet.State.String(), sheet.Realm, sheetRows(sheet))
}

func (p *program) printManagers(realm ident.Realm, managers directory.ManagerInfo) error {
	rows := []keyRow{}
	for _, id := range managers.Managers {
		rows = append(rows, keyRow{managerRow, id})
	}
	return p.printKeys("@global", realm, rows)
}

// printKeys prints key ids as groups of digits: they are read aloud by telephone and are the
// same in every script. docs/protocol.md §4.2
func (p *program) printKeys(state string, realm ident.Realm, rows []keyRow) error {
	return p.result(object{"state": state, "realm": realm, "keys": keyRowObjects(rows)}, sheetLines(p.speech(), state, realm, rows)...)
}

func keyRowObjects(rows []keyRow) []object {
	keys := []object{}
	for _, row := range rows {
		keys = append(keys, object{"key": row.whose, "key_id": row.id.String(), "fingerprint": row.id.Fingerprint()})
	}
	return keys
}

func sheetLines(s speech, state string, realm ident.Realm, rows []keyRow) []string {
	lines := s.lines([]string{s.say(s.Key.Sheet, "state", s.theirs(state)), s.say(s.Record.Realm, "realm", s.theirs(realm.String()))})
	for _, row := range rows {
		whose := s.theirs(row.whose)
		if row.whose == managerRow {
			whose = s.Key.Manager.String()
		}
		lines = append(lines, "", s.line(whose))
		for groups := range slices.Chunk(strings.Fields(row.id.Fingerprint()), 4) {
			lines = append(lines, "    "+s.theirs(strings.Join(groups, " ")))
		}
	}
	blank := strings.Repeat("_", 16)
	return append(lines, "", s.line(s.say(s.Key.ReadAloud, "line", blank, "day", blank[:12])))
}
