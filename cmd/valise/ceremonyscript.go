package main

import (
	"fmt"
	"slices"

	"valise.example/directory"
)

// ceremonyRole is one role and what whoever has it does.
type ceremonyRole struct{ role, does string }

var ceremonyRoles = []ceremonyRole{
	{"custodian", "holds the root and knows its passphrase; types"},
	{"reader", "reads the steps and the fingerprints aloud; types nothing"},
	{"witness", "compares every group of digits with the screen, and writes down what was done otherwise"},
}

// ceremonyStep is one numbered step: who acts, and what they do.
type ceremonyStep struct{ who, text string }

// ceremonyScripts are printed with --script and stand in docs/ceremony.md.
var ceremonyScripts = map[directory.CeremonyKind][]ceremonyStep{
	directory.CeremonyFirst: {
		{"all", "Meet in a room without other people. Telephones stay outside. Name who is custodian, reader and witness; no custodian is the only witness."},
		{"witness", "Look at the machine: it has no network, a disk that is encrypted, and a clock that shows today. Write down its serial number."},
		{"witness", "Compare the SHA-256 of the program with the one that came by another way."},
		{"custodian", "Draw six words with dice for the passphrase. Write them on paper once; the paper goes into an envelope and not into this room's bin."},
		{"custodian", "Run: valise key ceremony --home ROOT --state XX. Type the names, then the passphrase twice."},
		{"reader", "Read the fingerprint sheet aloud, four groups at a time. The witness says each group back from the screen."},
		{"all", "Print the sheet twice. All sign both. One stays with the root, one goes to the authority that answers when other States call back."},
		{"witness", "Say what was done otherwise than these steps say. The custodian types it, a line each."},
		{"custodian", "Run: valise key ceremony verify --home ROOT. It ends with the number of the transcript and nothing else."},
		{"custodian", "Copy ROOT to a second stick, and open it from there: valise key ceremony verify. The two sticks and the envelope go into three places."},
	},
	directory.CeremonyNext: {
		{"all", "Meet as for the first ceremony, with the same roles and the same machine."},
		{"custodian", "Run: valise key ceremony verify --home ROOT. The witness compares the root's fingerprint with the signed sheet."},
		{"custodian", "Draw six new words for the next root. Run: valise key ceremony --next --home ROOT. It asks for the passphrase of the present root once and for the new one twice."},
		{"reader", "Read the fingerprint of the next root aloud. The witness says each group back."},
		{"all", "Sign two printed sheets. Other States will ask for the new digits: give one to whoever answers when they call."},
		{"custodian", "Sign the entry, which announces the next root: valise directory entry sign. Hand it to the node and the manager as always."},
		{"all", "Wait until every other State has the list in which the entry stands: thirty days are enough. Then hold the switch."},
	},
	directory.CeremonySwitch: {
		{"all", "Meet as for the first ceremony. Both sheets are there, of the present root and of the next."},
		{"witness", "See at the node that the entry in force announces the next root: valise directory show."},
		{"custodian", "Run: valise key ceremony --switch --home ROOT. It asks for the passphrase of the next root."},
		{"reader", "Read the fingerprint of the root aloud: it is that of the next root's sheet."},
		{"custodian", "Sign the entry, now with the new root: valise directory entry sign. Hand it to the node and the manager as always."},
		{"all", "Keep the file and the envelope of the root before in their places until every other State has the new list."},
	},
	directory.CeremonyRotation: {
		{"all", "Custodian, reader and witness meet at the root's machine, once a year."},
		{"reader", "Read the fingerprints of the node's new keys aloud, as they came from the node by another way than the file. The witness compares them with the file."},
		{"custodian", "Run: valise directory entry sign --home ROOT --node-keys node.keys --out S."},
		{"custodian", "Run: valise key ceremony --rotation --home ROOT. It writes down who was there and which keys stand on the sheet."},
		{"witness", "See that the sheet says what was read."},
	},
}

// ceremonyTitles name the scripts.
var ceremonyTitles = map[directory.CeremonyKind]string{
	directory.CeremonyFirst:    "The first root of a State",
	directory.CeremonyNext:     "The next root is made and announced",
	directory.CeremonySwitch:   "The next root takes over",
	directory.CeremonyRotation: "The yearly rotation of signing keys",
}

// scriptLanguages are those in which every step of every script exists.
var scriptLanguages = []string{"en"}

// printCeremonyScript prints roles, steps and room for signatures. It needs no folder.
func (p *program) printCeremonyScript(kind directory.CeremonyKind) error {
	if p.lang != "" && !slices.Contains(scriptLanguages, p.lang) {
		return usageHint("the script of a ceremony does not exist in this language as a whole", "--lang en")
	}
	lines, roles, steps := []string{ceremonyTitles[kind], ""}, []object{}, []object{}
	for _, r := range ceremonyRoles {
		roles = append(roles, object{"role": r.role, "does": r.does})
		lines = append(lines, fmt.Sprintf("%-10s %s", r.role, r.does))
	}
	for i, s := range ceremonyScripts[kind] {
		steps = append(steps, object{"step": i + 1, "who": s.who, "text": s.text})
		lines = append(lines, "", fmt.Sprintf("%2d  %s", i+1, s.who), "    "+s.text, "    done at ______  by ______________")
	}
	return p.result(object{"script": string(kind), "language": "en", "roles": roles, "steps": steps}, lines...)
}
