package relay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats-server/v2/conf"

	valisev1 "valise.example/proto/valise/v1"
)

// examineImports compares what each account reaches with what Accounts writes: the allow-lists name
// slots, and the imports alone say whose mailbox a key may write to. The server's own reading of a
// configuration does not tell them. docs/protocol.md §7.8
func examineImports(f *findings, path string, r *valisev1.Roster, adminKey string) error {
	text, err := Accounts(r, adminKey)
	if err != nil {
		return err
	}
	want, err := conf.Parse(text)
	if err != nil {
		return fmt.Errorf("relay: read own configuration: %w", err)
	}
	is, err := conf.ParseFile(path)
	if err != nil {
		return fmt.Errorf("relay: the server would not start with this configuration: %w", err)
	}
	const fix = "write the accounts again with valise relay config and reload the server twice"
	wanted, wrong := reaches(want), 0
	for name, reach := range reaches(is) {
		switch wantedReach, known := wanted[name]; {
		case known && reach == wantedReach: // as it should be
		case name == relayAccount:
			f.add(Unsafe, fix, "the relay's own account offers, takes or renames other subjects than this relay would")
		case strings.HasPrefix(name, nodePrefix):
			wrong++
		}
	}
	if wrong > 0 {
		f.add(Unsafe, fix, "%d accounts reach other mailboxes than the roster gives", wrong)
	}
	return nil
}

// reaches is, for each account of a parsed configuration, all that decides where its messages go, in
// one order. The server takes a key in whatever case, and both when it stands there in two.
func reaches(configuration map[string]any) map[string]string {
	all := make(map[string]string)
	for key, accounts := range configuration {
		if blocks, ok := accounts.(map[string]any); ok && strings.EqualFold(key, "accounts") {
			for name, block := range blocks {
				all[name] += reachOf(block)
			}
		}
	}
	return all
}

func reachOf(account any) string {
	lines, _ := account.(map[string]any)
	var parts []string
	for key, value := range lines {
		switch key = strings.ToLower(key); key {
		case "users", "limits", "jetstream": // who logs in, and how much; examineRights looks at the first
		default:
			parts = append(parts, key+" "+inOrder(value))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "\n")
}

// inOrder writes a parsed value so that two lists of the same things are the same text.
func inOrder(value any) string {
	list, ok := value.([]any)
	if !ok {
		return fmt.Sprintf("%#v", value)
	}
	lines := make([]string, len(list))
	for i, v := range list {
		lines[i] = fmt.Sprintf("%#v", v)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
