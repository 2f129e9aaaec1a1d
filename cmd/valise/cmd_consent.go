package main

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

func newConsentCommand(p *program) *cobra.Command {
	return nounCommand("consent", "May messages go to a third party: ask, decide, withdraw, list",
		newConsentDecideCommand(p),
		newConsentListCommand(p),
		newConsentRequestCommand(p),
		newConsentWithdrawCommand(p),
	)
}

// consentFlags say what is asked or decided, beside what a file says.
type consentFlags struct {
	file, third, purpose, conditions, expires string
	messages                                  []string
	request, decision, reason                 string
	grant, refuse                             bool
	send                                      sendFlags
}

const expiresHelp = "until when, RFC 3339 with offset; the earlier of what is asked and granted holds"

func newConsentRequestCommand(p *program) *cobra.Command {
	var f consentFlags
	cmd := &cobra.Command{
		Use:   "request T",
		Short: "Ask the other State whether messages of a thread may go to a third party; silence is no consent",
		Annotations: documented("T `--message M…`: may these go to a third party? `--file` (TOML: third_party, purpose, conditions, expires) or, in exercises, `--third-party`; without `--message` the peer's last is meant",
			sentObject),
		Args: idArgument("thread", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.sendAtDesk(cmd.Context(), &f.send, func(d *desk) error { return p.runConsentRequest(cmd, d, &f, args[0]) })
		},
	}
	fs := cmd.Flags()
	fs.StringSliceVar(&f.messages, "message", nil, "a message that is meant; may be given several times")
	fs.StringVar(&f.file, "file", "", "draft (TOML): third_party, purpose, conditions, expires; with --third-party: what for, as text; - reads stdin")
	fs.StringVar(&f.expires, "expires", "", expiresHelp)
	p.textFlag(cmd, &f.third, "third-party", "to whom, exactly as it is named again when the messages go out")
	p.textFlag(cmd, &f.purpose, "purpose", "what for")
	p.textFlag(cmd, &f.conditions, "conditions", "under which conditions")
	addSendFlags(cmd, &f.send)
	return cmd
}

func (p *program) runConsentRequest(cmd *cobra.Command, d *desk, f *consentFlags, thread string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	request, err := p.consentRequest(f)
	if err != nil {
		return err
	}
	if err := setExpires(f.expires, &request.Expires); err != nil {
		return err
	}
	if request.Messages, err = d.digestsIn(ctx, thread, f.messages); err != nil {
		return err
	}
	return p.reply(ctx, d, &f.send, thread, request, "")
}

// consentRequest reads what is asked: a draft that names the third party, or where a flag does, flags
// and a file of words that say what for.
func (p *program) consentRequest(f *consentFlags) (*valisev1.ConsentRequest, error) {
	if f.third == "" && f.file == "" {
		return nil, usageHint("no third party is named", "--file F with third_party, or in exercises --third-party")
	}
	request := &valisev1.ConsentRequest{ThirdParty: f.third}
	if f.third == "" {
		payload, err := p.readReply(valisev1.Kind_KIND_CONSENT_REQUEST, f.file)
		if err != nil {
			return nil, err
		}
		request = payload.(*valisev1.ConsentRequest)
	} else {
		words, err := p.readWords(f.file)
		if err != nil {
			return nil, err
		}
		request.Purpose = words
	}
	request.Purpose = orElse(f.purpose, request.GetPurpose())
	request.Conditions = orElse(f.conditions, request.GetConditions())
	return request, nil
}

// setExpires reads --expires where it is given.
func setExpires(text string, into **timestamppb.Timestamp) error {
	if text == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return usageHint("--expires is no RFC 3339 time", "for example 2031-05-04T10:30:00+02:00")
	}
	*into = timestamppb.New(t)
	return nil
}

// digestsIn finds released messages of a thread by their ids or unique prefixes.
func (d *desk) digestsIn(ctx context.Context, thread string, messages []string) (digests [][]byte, err error) {
	if len(messages) == 0 {
		return nil, nil
	}
	view, err := d.thread(ctx, thread)
	if err != nil {
		return nil, err
	}
	for _, id := range messages {
		if _, err := parseHexPrefix(id, "message"); err != nil {
			return nil, err
		}
		digest, err := digestIn(view.GetMessages(), id)
		if err != nil {
			return nil, err
		}
		digests = append(digests, digest)
	}
	return digests, nil
}

func digestIn(messages []*valisev1.MessageView, id string) (digest []byte, err error) {
	for _, m := range messages {
		if m.GetMessage() == "" || !strings.HasPrefix(m.GetMessage(), id) {
			continue
		}
		if digest != nil {
			return nil, refuse(valisev1.Reason_REASON_AMBIGUOUS, "more than one message of this thread begins so", "give more digits")
		}
		if digest, err = hex.DecodeString(m.GetDigest()); err != nil || len(digest) == 0 {
			return nil, refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, "the message is not released yet", "")
		}
	}
	if digest == nil {
		return nil, refuse(valisev1.Reason_REASON_NOT_FOUND, "this thread has no such message", "valise inquiry show T lists them")
	}
	return digest, nil
}

func newConsentDecideCommand(p *program) *cobra.Command {
	var f consentFlags
	cmd := &cobra.Command{
		Use:   "decide T --grant|--refuse",
		Short: "Decide on the peer's request for consent; a State need not answer",
		Annotations: documented("T `--grant` or `--refuse`, or `--file` (TOML: consents, conditions, expires); `--request M` picks one of several",
			sentObject),
		Args: idArgument("thread", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.sendAtDesk(cmd.Context(), &f.send, func(d *desk) error { return p.runConsentDecide(cmd, d, &f, args[0]) })
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&f.grant, "grant", false, "these messages may go to that third party")
	fs.BoolVar(&f.refuse, "refuse", false, "they may not")
	fs.StringVar(&f.request, "request", "", "the request, where the peer made several (default: its last)")
	fs.StringVar(&f.file, "file", "", "draft (TOML): consents, conditions, expires; - reads stdin")
	fs.StringVar(&f.expires, "expires", "", expiresHelp)
	p.textFlag(cmd, &f.conditions, "conditions", "under which conditions")
	addSendFlags(cmd, &f.send)
	return cmd
}

func (p *program) runConsentDecide(cmd *cobra.Command, d *desk, f *consentFlags, thread string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	if f.grant && f.refuse || f.file == "" && !f.grant && !f.refuse {
		return usageHint("say --grant or --refuse", "or --file F with consents = true or false")
	}
	payload, err := p.readReply(valisev1.Kind_KIND_CONSENT_DECISION, f.file)
	if err != nil {
		return err
	}
	decision := payload.(*valisev1.ConsentDecision)
	if f.grant || f.refuse {
		decision.Consents = f.grant
	}
	decision.Conditions = orElse(f.conditions, decision.GetConditions())
	if err := setExpires(f.expires, &decision.Expires); err != nil {
		return err
	}
	return p.reply(ctx, d, &f.send, thread, decision, f.request)
}

func newConsentWithdrawCommand(p *program) *cobra.Command {
	var f consentFlags
	cmd := &cobra.Command{
		Use:   "withdraw T",
		Short: "End a consent for the future, whichever side gave it; what went out before stays out",
		Annotations: documented("T: ends a consent for the future and tells the peer; `--decision M` picks one of several, `--file` says why",
			sentObject),
		Args: idArgument("thread", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.sendAtDesk(cmd.Context(), &f.send, func(d *desk) error { return p.runConsentWithdraw(cmd, d, &f, args[0]) })
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.decision, "decision", "", "the decision that gave it, where there are several (default: the last)")
	fs.StringVar(&f.file, "file", "", "why, as text or draft (TOML: reason); - reads stdin")
	p.textFlag(cmd, &f.reason, "reason", "why, if it is to be said")
	addSendFlags(cmd, &f.send)
	return cmd
}

func (p *program) runConsentWithdraw(cmd *cobra.Command, d *desk, f *consentFlags, thread string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	payload, err := p.readReply(valisev1.Kind_KIND_CONSENT_WITHDRAWAL, f.file)
	if err != nil {
		return err
	}
	withdrawal := payload.(*valisev1.ConsentWithdrawal)
	withdrawal.Reason = orElse(f.reason, withdrawal.GetReason())
	return p.reply(ctx, d, &f.send, thread, withdrawal, f.decision)
}
