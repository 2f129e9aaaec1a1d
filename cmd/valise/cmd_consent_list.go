package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

func newConsentListCommand(p *program) *cobra.Command {
	var peer, thread string
	var states []string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "The ledger: what was asked, granted, refused and withdrawn, newest request first",
		Annotations: documented("the ledger, newest request first, one object a line; `--peer`, `--thread`, `--state`",
			`{`+consentKeys+`}`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			request := &valisev1.ListConsentsRequest{PageSize: 500, Peer: peer}
			var err error
			if request.States, err = consentStates(states); err != nil {
				return err
			}
			if thread != "" {
				if request.Thread, err = parseHexPrefix(thread, "thread"); err != nil {
					return err
				}
			}
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runConsentList(cmd.Context(), d, request) })
		},
	}
	cmd.Flags().StringVar(&peer, "peer", "", "only with this State or point of contact")
	cmd.Flags().StringVar(&thread, "thread", "", "only of this thread")
	cmd.Flags().StringSliceVar(&states, "state", nil, "only these: asked, granted, not_granted, expired, withdrawn")
	return cmd
}

func consentStates(names []string) (states []valisev1.ConsentState, err error) {
	for _, name := range names {
		n, known := valisev1.ConsentState_value["CONSENT_STATE_"+strings.ToUpper(name)]
		if !known || n == 0 {
			return nil, usageHint("--state knows no "+shorten(name), "asked, granted, not_granted, expired or withdrawn")
		}
		states = append(states, valisev1.ConsentState(n))
	}
	return states, nil
}

func (p *program) runConsentList(ctx context.Context, d *desk, request *valisev1.ListConsentsRequest) error {
	for {
		page, err := d.record.ListConsents(ctx, request)
		if err != nil {
			return err
		}
		for _, c := range page.GetConsents() {
			if err := p.result(consentObject(c), consentLines(p.speech(), c)...); err != nil {
				return err
			}
		}
		if page.GetNextPageToken() == "" {
			return nil
		}
		request.PageToken = page.GetNextPageToken()
	}
}

// consentKeys are the keys of a line of the ledger, as docs/cli.md shows them.
const consentKeys = `"consent","thread","direction","peer","messages":[],"third_party","purpose","conditions":[],"state",` +
	`"expires","requested","decided","withdrawn","withdrawn_by_us","decision"`

func consentObject(c *valisev1.ConsentView) object {
	return object{
		"consent": c.GetConsent(), "thread": c.GetThread(), "direction": direction(c.GetOutbound()), "peer": c.GetPeer(),
		"messages": strs(c.GetMessages()), "third_party": c.GetThirdParty(), "purpose": c.GetPurpose(),
		"conditions": strs(c.GetConditions()), "state": consentStateName(c.GetState()), "expires": stamp(c.GetExpires()),
		"requested": stamp(c.GetRequested()), "decided": stamp(c.GetDecided()), "withdrawn": stamp(c.GetWithdrawn()),
		"withdrawn_by_us": c.GetWithdrawnByUs(), "decision": c.GetDecision(),
	}
}

func consentStateName(s valisev1.ConsentState) string {
	return lowerName(s.String(), "CONSENT_STATE_")
}

func consentLines(s speech, c *valisev1.ConsentView) []string {
	who := s.Consent.WeAsked
	if !c.GetOutbound() {
		who = s.Consent.AskedUs
	}
	lines := []string{s.line(strings.Join([]string{
		s.theirs(first8(c.GetConsent())), s.at(c.GetRequested()), s.word(s.ConsentState, consentStateName(c.GetState())),
		s.say(who, "peer", s.theirs(c.GetPeer())),
	}, "  "))}
	under := []string{s.say(s.Consent.To, "party", s.theirs(flat(c.GetThirdParty())))}
	for _, m := range c.GetMessages() {
		under = append(under, s.say(s.Thread.OfMessage, "message", s.theirs(m)))
	}
	if c.GetPurpose() != "" {
		under = append(under, s.say(s.Consent.Purpose, "purpose", s.theirs(flat(c.GetPurpose()))))
	}
	for _, text := range c.GetConditions() {
		under = append(under, s.say(s.Consent.Condition, "condition", s.theirs(flat(text))))
	}
	if c.GetExpires() != nil {
		under = append(under, s.say(s.Consent.Until, "time", s.at(c.GetExpires())))
	}
	under = append(under, s.say(s.Thread.OfThread, "thread", s.theirs(c.GetThread())))
	return append(lines, s.under(under...)...)
}

// flat is text of others on one line.
func flat(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }
