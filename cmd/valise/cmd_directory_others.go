package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/api/others"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func newDirectoryOthersCommand(p *program) *cobra.Command {
	return nounCommand("others", "Directories of other bodies, for people to read beside the entries",
		newOthersImportCommand(p),
		newOthersListCommand(p),
		newOthersRemoveCommand(p),
	)
}

// othersFlags are those of acts on directories of other bodies.
type othersFlags struct {
	mapping    string
	requestID  string
	passphrase secret
}

// sourceKeys say where something is from that no State has signed.
const sourceKeys = `"id","name","table_hash","row"?,"imported","officer"`

// othersKeys are a directory of another body without its contacts.
const othersKeys = sourceKeys + `,"agreed"?,"members":[],"contacts","item"`

func newOthersImportCommand(p *program) *cobra.Command {
	var f othersFlags
	cmd := &cobra.Command{
		Use:   "import FILE.csv --mapping MAP.toml",
		Short: "Keep what another body's CSV file says, for people; nothing is sent or routed by it",
		Annotations: documented("reads the CSV file of another body by a mapping and keeps it at a node, in the place of what was imported under the same id: all of it or nothing; `--mapping`, `--request-id`; while the node runs and when it does not",
			`{`+othersKeys+`,"left_out","without_track"}`),
		Long: `A regional directory, or one of CERTs, as a CSV file in UTF-8 with titles in its first row. --mapping is
TOML that says which directory it is and which column holds what:

  id        = "rof"                        # short name, for valise directory others remove
  name      = "Regional Organisation F, cyber contacts"
  members   = ["XA", "XB"]                 # States that belong to it; may be left out
  separator = ";"
  none      = ["-", "n/a"]                 # values that say nothing
  [columns]
  state     = "Member"
  track     = "Kind"
  telephone = ["Office", "Mobile"]
  [states]
  "Alder"   = "XA"
  [tracks]
  "CERT"    = "technical"

All keys are in docs/others.md. The file is read here; the node checks and keeps what was read, and
its record says who imported what. Take a copy only where those who contribute to it agree.

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runOthersImport(cmd.Context(), &f, args[0]) },
	}
	cmd.Flags().StringVar(&f.mapping, "mapping", "", "which column holds what, as TOML; - reads stdin")
	cmd.Flags().StringVar(&f.requestID, "request-id", "", "makes the act unique")
	addPassphraseFlags(cmd, &f.passphrase)
	mustHave(cmd, "mapping")
	return cmd
}

func (p *program) runOthersImport(ctx context.Context, f *othersFlags, file string) error {
	table, err := p.readInput(file, others.MaxTable)
	if err != nil {
		return err
	}
	mapping, err := p.readInput(f.mapping, others.MaxMapping)
	if err != nil {
		return err
	}
	return p.atRecord(ctx, &f.passphrase, func(d *desk) error {
		realm, err := d.realm(ctx)
		if err != nil {
			return err
		}
		read, err := others.Read(table, mapping, realm)
		if err != nil {
			return err
		}
		answer, err := d.directory.ImportOther(ctx, &valisev1.ImportOtherRequest{Directory: read.Directory, RequestId: f.requestID})
		if err != nil {
			return err
		}
		o := summaryObject(answer.GetDirectory())
		o["left_out"], o["without_track"] = read.LeftOut, read.WithoutTrack
		lines := append([]string{fmt.Sprintf("recorded as item %d: %d contacts are kept, for people only", answer.GetItem(), len(read.Directory.GetContacts()))},
			summaryLines(answer.GetDirectory())...)
		if read.LeftOut > 0 {
			lines = append(lines, fmt.Sprintf("%d rows name a State and nobody, and were left out", read.LeftOut))
		}
		if read.WithoutTrack > 0 {
			lines = append(lines, fmt.Sprintf("%d contacts have no track: they are compared with every point of contact of their State", read.WithoutTrack))
		}
		return p.result(o, lines...)
	})
}

func newOthersListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Which directories of other bodies are kept here, from which file, and who imported them",
		Annotations: documented("directories of other bodies that are kept, one object a line",
			`{`+othersKeys+`}`,
			`{"id","unreadable"}`+"; of one whose file is damaged: import it again"),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runOthersList(cmd.Context()) },
	}
}

func (p *program) runOthersList(ctx context.Context) error {
	list, err := p.listOthers(ctx)
	if err != nil {
		return err
	}
	for _, s := range list.GetDirectories() {
		if err := p.result(summaryObject(s), summaryLines(s)...); err != nil {
			return err
		}
	}
	for _, id := range list.GetUnreadable() {
		if err := p.result(object{"id": id, "unreadable": true}, unreadableLine(inEnglish(), id)); err != nil {
			return err
		}
	}
	return nil
}

func unreadableLine(s speech, id string) string {
	return s.line(s.say(s.Directory.Damaged, "id", s.theirs(id)))
}

// listOthers reads the folder, as directory show does; a node on another machine is asked.
func (p *program) listOthers(ctx context.Context) (out *valisev1.ListOthersResponse, err error) {
	if p.door != "" {
		err = p.atDesk(ctx, func(d *desk) error {
			out, err = d.directory.ListOthers(ctx, &valisev1.ListOthersRequest{})
			return err
		})
		return out, err
	}
	dir, c, err := p.nodeHome()
	if err != nil {
		return nil, err
	}
	list, unreadable, err := others.ReadFolder(dir, c.Realm)
	if err != nil {
		return nil, err
	}
	out = &valisev1.ListOthersResponse{Unreadable: unreadable}
	for _, d := range list {
		out.Directories = append(out.Directories, others.Summary(d))
	}
	return out, nil
}

func newOthersRemoveCommand(p *program) *cobra.Command {
	var f othersFlags
	cmd := &cobra.Command{
		Use:   "remove ID",
		Short: "Remove what was imported from another body; the record says who did",
		Annotations: documented("ID: removes what was imported of another body; `--request-id`; while the node runs and when it does not",
			`{"item","id"}`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runOthersRemove(cmd.Context(), &f, args[0]) },
	}
	cmd.Flags().StringVar(&f.requestID, "request-id", "", "makes the act unique")
	addPassphraseFlags(cmd, &f.passphrase)
	return cmd
}

func (p *program) runOthersRemove(ctx context.Context, f *othersFlags, id string) error {
	if !others.IsID(id) {
		return usageHint("this is no short name of an other directory", "valise directory others list shows them")
	}
	return p.atRecord(ctx, &f.passphrase, func(d *desk) error {
		answer, err := d.directory.RemoveOther(ctx, &valisev1.RemoveOtherRequest{Id: id, RequestId: f.requestID})
		if err != nil {
			return err
		}
		return p.result(object{"item": answer.GetItem(), "id": id}, fmt.Sprintf("recorded as item %d: %s is removed", answer.GetItem(), id))
	})
}

func sourceObject(s *valisev1.OtherSource) object {
	o := object{
		"id": s.GetId(), "name": s.GetName(), "table_hash": s.GetTableHash(), "imported": stamp(s.GetImported()), "officer": s.GetOfficer(),
	}
	if s.GetRow() > 0 {
		o["row"] = s.GetRow()
	}
	return o
}

func summaryObject(s *valisev1.OtherSummary) object {
	o := sourceObject(s.GetSource())
	o["members"], o["contacts"], o["item"] = strs(s.GetMembers()), s.GetContacts(), s.GetItem()
	if s.GetAgreed() != "" {
		o["agreed"] = s.GetAgreed()
	}
	return o
}

func summaryLines(s *valisev1.OtherSummary) []string {
	from := s.GetSource()
	lines := []string{
		fmt.Sprintf("%s  %s: %d contacts", from.GetId(), clean(from.GetName()), s.GetContacts()),
		fmt.Sprintf("  imported %s by %s; SHA-256 of the file %s", clock(from.GetImported()), clean(from.GetOfficer()), from.GetTableHash()),
	}
	if len(s.GetMembers()) > 0 {
		lines = append(lines, "  members "+strings.Join(s.GetMembers(), " "))
	}
	if s.GetAgreed() != "" {
		lines = append(lines, "  agreed  "+clean(s.GetAgreed()))
	}
	return lines
}

// compareOthers is what directories of other bodies say of a State, for whoever looks it up at a node; nil
// in the home of a manager, which keeps none. A-12
func (p *program) compareOthers(state ident.State, entry *valisev1.Entry) (*valisev1.CompareOthersResponse, error) {
	dir, err := p.homeDir()
	if err != nil {
		return nil, err
	}
	if is, _, err := look(dir); err != nil || is != placeNode {
		return nil, err
	}
	dir, c, err := p.nodeHome()
	if err != nil {
		return nil, err
	}
	list, unreadable, err := others.ReadFolder(dir, c.Realm)
	if err != nil {
		return nil, err
	}
	out := others.Compare(list, c.State, state, entry)
	out.Unreadable = unreadable
	return out, nil
}
