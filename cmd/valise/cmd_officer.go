package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

func newOfficerCommand(p *program) *cobra.Command {
	return nounCommand("officer", "Who may do what on this node",
		newOfficerAddCommand(p),
		newOfficerListCommand(p),
		newOfficerRemoveCommand(p),
	)
}

// officerArgument takes at most one name, and nothing that could be meant as a flag.
func officerArgument(cmd *cobra.Command, args []string) error {
	if err := cobra.MaximumNArgs(1)(cmd, args); err != nil || len(args) == 0 {
		return err
	}
	if !isOfficerName(args[0]) {
		return usage(notAnOfficerName)
	}
	return nil
}

const notAnOfficerName = "an officer's name is 1 to 32 lower-case letters, digits, dots, hyphens or underscores and begins with a letter"

type officerFlags struct {
	file, shownAs, tokenOut     string
	certificate, newCertificate string
	roles, tracks               []string
	uids                        []uint
}

func newOfficerAddCommand(p *program) *cobra.Command {
	var f officerFlags
	cmd := &cobra.Command{
		Use:   "add [NAME]",
		Short: "Add an officer, bound to a user id of this machine, a certificate or a token",
		Annotations: documented("`--file`, or in exercises NAME with `--role`, `--track`, `--uid`, `--shown-as`; `--token-out` makes a token; `--certificate` takes a certificate for the door over TCP, `--new-certificate` makes one",
			`{"name","roles":[],"uids":[],"shown_as","tracks":[],"certificate","added","added_by","token_file"}`),
		Long: `--file takes TOML: name, roles = [...], uids = [...], shown_as, tracks = [...].
In exercises the name may be given as an argument. Without a track an officer acts and reads
on all; what is of another track does not exist for them. Roles: duty_officer, drafter, clearer, record_keeper,
node_admin, exercise_controller.

--new-certificate makes a folder with a key, its certificate and the certificate of this node: bring it
to the officer, who names it with --identity. Better, the officer makes the key where it is used and
sends the certificate (ECDSA on P-256) for --certificate. The node keeps the SHA-256 of its key.

` + exitTable,
		Args: officerArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runOfficerAdd(cmd, d, &f, args) })
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.file, "file", "", "the officer as TOML; - reads stdin")
	fs.StringSliceVar(&f.roles, "role", nil, "role; may be repeated")
	fs.StringSliceVar(&f.tracks, "track", nil, "track on which they act and read: diplomatic or technical (default: all of this node)")
	fs.UintSliceVar(&f.uids, "uid", nil, "user id of this machine; may be repeated")
	fs.StringVar(&f.tokenOut, "token-out", "", "make a token and write it to this new file (mode 0600)")
	fs.StringVar(&f.certificate, "certificate", "", "file with the officer's certificate as PEM")
	fs.StringVar(&f.newCertificate, "new-certificate", "", "make a key and its certificate in this new folder (mode 0700)")
	p.textFlag(cmd, &f.shownAs, "shown-as", "name as peers see it in an acknowledgement")
	return cmd
}

func (p *program) runOfficerAdd(cmd *cobra.Command, d *desk, f *officerFlags, args []string) error {
	ctx := cmd.Context()
	words := p.usesText(cmd)
	if len(args) > 0 {
		words = append(words, "an officer's name")
	}
	if err := d.refuseText(ctx, words...); err != nil {
		return err
	}
	officer, err := p.officer(f, args)
	if err != nil {
		return err
	}
	pin, undo, err := p.certificate(f)
	if err != nil {
		return err
	}
	officer.Certificate = pin
	if err := p.addOfficer(ctx, d, officer, f.tokenOut); err != nil {
		undo()
		return err
	}
	return nil
}

// addOfficer asks the node, and writes the token that it shows once.
func (p *program) addOfficer(ctx context.Context, d *desk, officer *valisev1.Officer, tokenOut string) (err error) {
	var tokenFile *os.File
	if tokenOut != "" {
		if tokenFile, err = os.OpenFile(tokenOut, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
		defer tokenFile.Close()
	}
	answer, err := d.officers.AddOfficer(ctx, &valisev1.AddOfficerRequest{Officer: officer, WithToken: tokenFile != nil})
	if err != nil {
		if tokenFile != nil {
			os.Remove(tokenOut)
		}
		return err
	}
	if tokenFile != nil {
		if _, err := fmt.Fprintln(tokenFile, answer.GetToken()); err != nil {
			return err
		}
		if err := tokenFile.Sync(); err != nil {
			return err
		}
	}
	o := officerObject(answer.GetOfficer())
	o["token_file"] = tokenOut
	return p.result(o, officerLine(answer.GetOfficer()))
}

// officer joins what the file and the flags say.
func (p *program) officer(f *officerFlags, args []string) (*valisev1.Officer, error) {
	text := struct {
		Name    string   `toml:"name"`
		Roles   []string `toml:"roles"`
		UIDs    []uint32 `toml:"uids"`
		ShownAs string   `toml:"shown_as"`
		Tracks  []string `toml:"tracks"`
	}{ShownAs: f.shownAs, Roles: f.roles, Tracks: f.tracks}
	for _, uid := range f.uids {
		text.UIDs = append(text.UIDs, uint32(uid))
	}
	if f.file != "" {
		b, err := p.readText(f.file)
		if err != nil {
			return nil, err
		}
		if err := decodeTOML(b, &text); err != nil {
			return nil, err
		}
	}
	if len(args) == 1 {
		text.Name = args[0]
	}
	if !isOfficerName(text.Name) {
		return nil, usage(notAnOfficerName)
	}
	roles, err := parseRoles(text.Roles)
	if err != nil {
		return nil, err
	}
	if _, err := parseTracks(text.Tracks); err != nil {
		return nil, err
	}
	if len(text.UIDs) == 0 && f.tokenOut == "" && f.certificate == "" && f.newCertificate == "" {
		return nil, usageHint("nothing says who the officer is", "--uid N (or uids in the file), --token-out FILE, --certificate FILE or --new-certificate DIR")
	}
	return &valisev1.Officer{Name: text.Name, Roles: roles, Uids: text.UIDs, ShownAs: text.ShownAs, Tracks: text.Tracks}, nil
}

// decodeTOML is strict: a key that nobody knows is an error with its line. docs/protocol.md §10
func decodeTOML(b []byte, into any) error {
	meta, err := toml.Decode(string(b), into)
	if err != nil {
		if pe, ok := errors.AsType[toml.ParseError](err); ok {
			return refuse(valisev1.Reason_REASON_BAD_DRAFT, fmt.Sprintf("line %d: %s", pe.Position.Line, pe.Message), "")
		}
		return refuse(valisev1.Reason_REASON_BAD_DRAFT, err.Error(), "")
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return refuse(valisev1.Reason_REASON_BAD_DRAFT, fmt.Sprintf("line %d: unknown key %q", tomlkey.Line(b, unknown[0]...), shorten(unknown[0].String())), "")
	}
	return nil
}

func parseRoles(names []string) (roles []valisev1.Role, err error) {
	for _, name := range names {
		n, ok := valisev1.Role_value["ROLE_"+strings.ToUpper(name)]
		if !ok || n == 0 {
			return nil, usageHint("no role is called "+shorten(name), "duty_officer, drafter, clearer, record_keeper, node_admin or exercise_controller")
		}
		roles = append(roles, valisev1.Role(n))
	}
	if len(roles) == 0 {
		return nil, usageHint("an officer needs a role", "--role duty_officer")
	}
	return roles, nil
}

func officerObject(o *valisev1.Officer) object {
	roles := []string{}
	for _, r := range o.GetRoles() {
		roles = append(roles, roleName(r))
	}
	uids := []uint32{}
	uids = append(uids, o.GetUids()...)
	return object{"name": o.GetName(), "roles": roles, "uids": uids, "shown_as": o.GetShownAs(), "tracks": strs(o.GetTracks()), "certificate": o.GetCertificate(),
		"added": stamp(o.GetAdded()), "added_by": o.GetAddedBy()}
}

func officerLine(o *valisev1.Officer) string {
	names := officerObject(o)["roles"].([]string)
	var line strings.Builder
	fmt.Fprintf(&line, "%-16s %s", o.GetName(), strings.Join(names, ", "))
	for _, uid := range o.GetUids() {
		fmt.Fprintf(&line, "  uid %d", uid)
	}
	if pin := o.GetCertificate(); pin != "" {
		fmt.Fprintf(&line, "  certificate %.16s…", pin)
	}
	for _, track := range o.GetTracks() {
		fmt.Fprintf(&line, "  %s only", track)
	}
	return line.String()
}

func newOfficerListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Officers by name",
		Annotations: documented("officers by name",
			`{"officers":[{"name","roles":[],"uids":[],"shown_as","tracks":[],"certificate","added","added_by"}]}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runOfficerList(cmd.Context(), d) })
		},
	}
}

func (p *program) runOfficerList(ctx context.Context, d *desk) error {
	answer, err := d.officers.ListOfficers(ctx, &valisev1.ListOfficersRequest{})
	if err != nil {
		return err
	}
	list, lines := []object{}, []string{}
	for _, o := range answer.GetOfficers() {
		list = append(list, officerObject(o))
		lines = append(lines, officerLine(o))
	}
	return p.result(object{"officers": list}, lines...)
}

func newOfficerRemoveCommand(p *program) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "remove [NAME]",
		Short: "Take an officer's rights away; what they did stays in the record",
		Annotations: documented("takes an officer's rights away; `--file`",
			`{"removed"}`),
		Args: officerArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runOfficerRemove(cmd.Context(), d, file, args) })
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "file that holds the name; - reads stdin")
	return cmd
}

func (p *program) runOfficerRemove(ctx context.Context, d *desk, file string, args []string) error {
	name := ""
	switch {
	case file != "" && len(args) > 0:
		return usage("the name is given twice")
	case file != "":
		text, err := p.readText(file)
		if err != nil {
			return err
		}
		name = strings.TrimSpace(string(text))
	case len(args) == 1:
		if err := d.refuseText(ctx, "an officer's name"); err != nil {
			return err
		}
		name = args[0]
	}
	if !isOfficerName(name) {
		return usageHint("no officer is named", "valise officer remove NAME, or --file F")
	}
	if _, err := d.officers.RemoveOfficer(ctx, &valisev1.RemoveOfficerRequest{Name: name}); err != nil {
		return err
	}
	return p.result(object{"removed": name}, "removed "+name)
}
