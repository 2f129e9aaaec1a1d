package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/api/draft"
	"valise.example/api/draft/indicators"
	valisev1 "valise.example/proto/valise/v1"
)

// filling is what a draft is filled from.
type filling struct{ misp, stix, originator string }

func newInquiryTemplateCommand(p *program) *cobra.Command {
	var from filling
	cmd := &cobra.Command{
		Use:   "template [KIND]",
		Short: "Print a draft to fill in (KIND: inquiry, response, supplement, …), or one filled from a file",
		Annotations: documented("a commented draft; KIND is `inquiry`, `response`, …; `--from-misp F` or `--from-stix F` fills an inquiry from a file",
			`{"kind","template"}`, filledObject),
		Long: `Prints a commented draft of KIND, which is an inquiry where none is named.

With --from-misp or --from-stix it prints an inquiry that is filled from a MISP event or a bundle of
STIX 2.1: title, reference, when something was first seen, affected sectors, labels, and how many
indicators there are. The file is named as an attachment with its type and goes along unchanged. Write
the draft into the folder of the file:

  valise inquiry template --from-misp case/event.json --originator desk.toml > case/ask.toml

A label more open than TLP:AMBER+STRICT is not taken over. The file is read here, by this command, and
never by a node.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			kind := kindName(valisev1.Kind_KIND_INQUIRY)
			if len(args) == 1 {
				kind = args[0]
			}
			switch misp, stix := cmd.Flags().Changed("from-misp"), cmd.Flags().Changed("from-stix"); {
			case misp && stix:
				return usage("--from-misp and --from-stix exclude each other")
			case misp || stix:
				return p.runFilledTemplate(kind, from)
			}
			if from.originator != "" {
				return usage("--originator goes with --from-misp or --from-stix")
			}
			return p.runInquiryTemplate(kind)
		},
	}
	cmd.Flags().StringVar(&from.misp, "from-misp", "", "fill an inquiry from this MISP event, JSON")
	cmd.Flags().StringVar(&from.stix, "from-stix", "", "fill an inquiry from this bundle of STIX 2.1, JSON")
	cmd.Flags().StringVar(&from.originator, "originator", "", "draft whose originator, channels and agency are taken, TOML; - reads stdin")
	return cmd
}

const filledObject = `{"kind","template","source","indicators","tlp","pap","attachment","remarks":[]}; with ` + "`--from-misp` or `--from-stix`"

func (p *program) runInquiryTemplate(kind string) error {
	number, ok := draftKind(kind)
	if !ok {
		return usageHint("no draft is called "+shorten(kind), "one of "+draftKindNames())
	}
	text := draft.Template(number)
	return p.data(object{"kind": kindName(number), "template": text}, text)
}

// runFilledTemplate reads a file that another tool wrote. Nothing but this command, which runs as the
// officer on a file of their own, ever looks into one. docs/protocol.md §6
func (p *program) runFilledTemplate(kind string, from filling) error {
	if kind != kindName(valisev1.Kind_KIND_INQUIRY) {
		return usage("only an inquiry is filled from a file")
	}
	format, file := indicators.MISP, from.misp
	if from.stix != "" {
		format, file = indicators.STIX, from.stix
	}
	if file == "-" {
		return usageHint("stdin has no name by which it could be attached", "name a file")
	}
	found, err := p.readIndicators(format, file)
	if err != nil {
		return err
	}
	inquiry, err := p.fill(found, filepath.Base(file), from.originator)
	if err != nil {
		return err
	}
	text := found.Draft(inquiry)
	body := draft.Body(inquiry)
	s := p.speech()
	p.tell("%s", s.line(s.say(s.Made.WriteBeside, "file", s.theirs(shorten(filepath.Base(file))))))
	return p.data(object{
		"kind": kind, "template": text, "source": found.Source, "indicators": found.Indicators,
		"tlp": body["tlp"], "pap": body["pap"], "attachment": filepath.Base(file), "remarks": strs(found.Remarks()),
	}, strings.TrimSuffix(text, "\n"))
}

func (p *program) readIndicators(format indicators.Format, file string) (*indicators.Found, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would be read to its end and could not be attached
		return nil, refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, shorten(clean(file))+" is no file", byHand)
	}
	data, err := p.readInput(file, indicators.MaxFile)
	if err != nil {
		return nil, err
	}
	found, err := indicators.Read(format, data)
	if e, ok := errors.AsType[*draft.Error](err); ok {
		return nil, refuse(e.Reason, shorten(clean(filepath.Base(file)))+" "+e.Detail, byHand)
	}
	return found, err
}

// byHand is the way that is always open: what cannot be read can be attached all the same.
const byHand = "a draft written by hand can name any file as an attachment"

// fill makes the inquiry; who asks comes from a draft that an officer keeps for that.
func (p *program) fill(found *indicators.Found, name, originator string) (*valisev1.Inquiry, error) {
	if originator == "" {
		return found.Inquiry(name, nil)
	}
	text, err := p.readText(originator)
	if err != nil {
		return nil, err
	}
	desk, err := parseInquiry(text)
	if err != nil {
		return nil, err
	}
	inquiry, err := found.Inquiry(name, desk.GetOriginator())
	if err != nil {
		return nil, err
	}
	inquiry.PreferredChannels, inquiry.NominatedAgency = desk.GetPreferredChannels(), desk.GetNominatedAgency()
	inquiry.Preamble.Language = desk.GetPreamble().GetLanguage()
	return inquiry, nil
}
