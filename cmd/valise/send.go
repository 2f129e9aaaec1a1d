package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/api"
	"valise.example/api/draft"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// sendFlags are what every verb that sends understands.
type sendFlags struct {
	requestID string
	wait      string
	timeout   time.Duration
	undo      time.Duration
	// draft keeps it here until somebody clears it.
	draft bool
	// light verbs need neither a check page nor --yes: one act, fixed text. A-10 s4
	light bool
	// folder is where the files that the draft names stand.
	folder string
	// more is what the verb adds to the object of what was sent.
	more object
}

func addSendFlags(cmd *cobra.Command, f *sendFlags) {
	addWaitFlags(cmd, f)
	cmd.Flags().DurationVar(&f.undo, "undo", -1, "hold it back this long so that it can be withdrawn (at a terminal as valise.toml says, 10s)")
	cmd.Flags().Lookup("undo").DefValue = "0s"
	cmd.Flags().BoolVar(&f.draft, "draft", false, "keep it as a draft; valise inquiry clear sends it on")
}

// addWaitFlags are addSendFlags for what cannot be held back.
func addWaitFlags(cmd *cobra.Command, f *sendFlags) {
	cmd.Flags().StringVar(&f.requestID, "request-id", "", "makes the act unique: the same id again answers the same and sends nothing")
	cmd.Flags().StringVar(&f.wait, "wait", "", "wait until it has gone so far: left, receipt or ack")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 30*time.Minute, "with --wait: give up after this long (exit 6)")
}

// goal is the delivery fact that --wait names.
func (f *sendFlags) goal() (valisev1.Delivery, error) {
	switch f.wait {
	case "":
		return valisev1.Delivery_DELIVERY_UNSPECIFIED, nil
	case "left":
		return valisev1.Delivery_DELIVERY_LEFT, nil
	case "receipt":
		return valisev1.Delivery_DELIVERY_REACHED, nil
	case "ack":
		return valisev1.Delivery_DELIVERY_ACKNOWLEDGED, nil
	}
	return 0, usageHint("--wait knows left, receipt and ack", "")
}

// check refuses flags that contradict each other before anything is sent.
func (f *sendFlags) check() error {
	if _, err := f.goal(); err != nil {
		return err
	}
	if f.timeout <= 0 {
		return usage("--timeout must be more than 0")
	}
	if f.undo > time.Hour {
		return usage("--undo holds back for an hour at most")
	}
	if f.draft && (f.wait != "" || f.undo > 0) {
		return usage("--draft keeps it here: there is nothing to wait for or to undo")
	}
	if len(f.requestID) > 128 {
		return usage("--request-id is longer than 128 bytes")
	}
	return nil
}

// sendAtDesk runs an act that sends on an open door, once its flags are known to make sense.
func (p *program) sendAtDesk(ctx context.Context, f *sendFlags, act func(*desk) error) error {
	if err := f.check(); err != nil {
		return err
	}
	return p.atDesk(ctx, act)
}

// options asks the person at the terminal, or needs --yes, and says how the message leaves.
func (f *sendFlags) options(p *program, page func() string) (*valisev1.SendOptions, error) {
	undo := max(f.undo, 0)
	switch {
	case f.draft:
		return &valisev1.SendOptions{RequestId: f.requestID, Draft: true}, nil
	case p.yes:
	case p.atTerminal():
		if f.light {
			break
		}
		if err := p.ask(page()); err != nil {
			return nil, err
		}
		if f.undo < 0 {
			undo = p.undo()
		}
	case !f.light:
		return nil, refuse(valisev1.Reason_REASON_NEEDS_YES, "there is no terminal to ask at", "read what would be sent, then add --yes")
	}
	return &valisev1.SendOptions{RequestId: f.requestID, UndoSeconds: uint32(undo.Round(time.Second) / time.Second)}, nil
}

// atTerminal reports whether a person can be asked.
func (p *program) atTerminal() bool {
	in, ok := p.in.(*os.File)
	return ok && term.IsTerminal(int(in.Fd()))
}

// ask shows the check page and takes only a typed yes: the whole word.
func (p *program) ask(page string) error {
	s := p.speech()
	fmt.Fprintf(p.people(), "%s\n%s ", page, s.line(s.say(s.Check.Question, "yes", s.yes())))
	answer, err := readLine(p.in)
	if err != nil {
		return err
	}
	if !s.meansYes(answer) {
		return notSent()
	}
	return nil
}

// notSent is how a verb ends whose question was answered otherwise.
func notSent() *failure {
	f := tell(valisev1.Reason_REASON_NEEDS_YES, func(c *locale.Catalog) string { return c.Command().Check.NothingSent.String() })
	f.toldHint = func(c *locale.Catalog) string {
		s := speechOf(c)
		return s.say(s.Check.InFull, "yes", s.yes())
	}
	f.hint = f.toldHint(locale.Of(locale.English))
	return f
}

// readLine reads byte by byte, so that it never takes more of a pipe than its line.
func readLine(r io.Reader) (string, error) {
	var line strings.Builder
	one := make([]byte, 1)
	for line.Len() < 1024 {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' || err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		if n == 1 {
			line.WriteByte(one[0])
		}
	}
	return strings.TrimSpace(line.String()), nil
}

// checkPage is everything that leaves, to whom, in whose name, in which realm, and the notes
// that go with it. What has to be said of whom it goes to stands below that.
// The words of the draft stand there as they were written, with the keys of the draft in every language.
func (p *program) checkPage(realm, from, to string, payload proto.Message, ofThem ...string) string {
	s, kind := p.speech(), valisev1.KindOf(payload)
	lines := s.table(labelled{s.Check.To, to}, labelled{s.Check.From, s.theirs(from)},
		labelled{s.Check.Realm, s.theirs(realm)}, labelled{s.Check.Kind, s.kind(kind)})
	lines = append(lines, s.lines(ofThem)...)
	if p.notForClassified() {
		lines = append(lines, s.line(s.Check.NotClassified.String()))
	}
	rule := strings.Repeat("─", 60)
	lines = append(lines, rule)
	if body := strings.TrimSuffix(clean(draft.Format(payload)), "\n"); body != "" {
		lines = append(lines, body)
	}
	lines = append(lines, s.lines(notesToCome(kind, s.l.String()))...)
	return strings.Join(append(lines, rule), "\n")
}

// wrap puts a payload into the API's Payload, whose field numbers are kind numbers.
func wrap(payload proto.Message) *valisev1.Payload {
	w := new(valisev1.Payload)
	kind := valisev1.KindOf(payload)
	field := w.ProtoReflect().Descriptor().Fields().ByNumber(protoreflect.FieldNumber(kind))
	w.ProtoReflect().Set(field, protoreflect.ValueOfMessage(payload.ProtoReflect()))
	return w
}

// unwrap is the inverse; nil where there is none.
func unwrap(w *valisev1.Payload) proto.Message {
	if w == nil {
		return nil
	}
	m := w.ProtoReflect()
	field := m.WhichOneof(m.Descriptor().Oneofs().Get(0))
	if field == nil {
		return nil
	}
	return m.Get(field).Message().Interface()
}

// reply sends one payload in a thread: the way of every verb that answers.
func (p *program) reply(ctx context.Context, d *desk, f *sendFlags, thread string, payload proto.Message, inReplyTo string) error {
	view, err := d.thread(ctx, thread)
	if err != nil {
		return err
	}
	if err := measure(f.folder, payload); err != nil {
		return err
	}
	options, err := f.options(p, func() string {
		return p.checkPage(view.GetThread().GetRealm(), view.GetThread().GetOurs(), p.speech().theirs(view.GetThread().GetPeer()), payload,
			d.notCalled(ctx, p.speech(), view.GetThread().GetPeer())...)
	})
	if err != nil {
		return err
	}
	if err := d.upload(ctx, f.folder, payload); err != nil {
		return err
	}
	answer, err := d.inquiry.Reply(ctx, &valisev1.ReplyRequest{
		Thread: view.GetThread().GetThread(), Payload: wrap(payload), InReplyTo: inReplyTo, Options: options,
	})
	if err != nil {
		return err
	}
	return p.sent(ctx, d, f, answer.GetSent(), view.GetThread().GetPeer())
}

func (d *desk) thread(ctx context.Context, thread string) (*valisev1.GetThreadResponse, error) {
	return d.inquiry.GetThread(ctx, &valisev1.GetThreadRequest{Thread: thread})
}

// sent waits as far as --wait says, prints what was made durable and chooses the exit code.
func (p *program) sent(ctx context.Context, d *desk, f *sendFlags, sent *valisev1.Sent, peer string) error {
	goal, err := f.goal()
	if err != nil {
		return err
	}
	var waited error
	if goal != valisev1.Delivery_DELIVERY_UNSPECIFIED && !sent.GetPendingClearance() {
		waited = d.await(ctx, sent, goal, f.timeout)
	}
	if err := p.printSent(sent, peer, f.more); err != nil {
		return err
	}
	if waited != nil {
		return waited
	}
	return outcome(goal, sent)
}

// outcome is how a verb ends that made something durable.
func outcome(goal valisev1.Delivery, sent *valisev1.Sent) error {
	switch {
	case sent.GetPendingClearance():
		return ended(valisev1.Reason_REASON_NEEDS_SECOND_PERSON)
	case goal == valisev1.Delivery_DELIVERY_UNSPECIFIED && stuck(sent.GetDeliveryReason()):
		return ended(sent.GetDeliveryReason())
	}
	return nil
}

// stuck tells what nothing of ours can mend from an undo time, which the caller asked for and
// which ends by itself.
func stuck(r valisev1.Reason) bool {
	return r != valisev1.Reason_REASON_UNDO_HOLD && api.Exit(r) == exitWaiting
}

// What every verb that sends prints, and what acknowledge adds, as docs/cli.md shows it.
const (
	sentKeys           = `"thread","message","kind","delivery","delivery_reason","pending_clearance","stage","advice":[{"step","text"}]`
	sentObject         = `{` + sentKeys + `}`
	acknowledgedObject = `{` + sentKeys + `,"covers":[]}; ` + "`covers` are the ids of messages"
)

func (p *program) printSent(sent *valisev1.Sent, peer string, more object) error {
	s := p.speech()
	if err := p.result(sentResult(sent, more), sentLines(s, sent, peer)...); err != nil {
		return err
	}
	for _, a := range sent.GetAdvice() {
		p.tell("%s", s.advice(a))
	}
	p.tell("%s", s.line(s.say(s.Result.Next, "thread", first8(sent.GetThread()))))
	return nil
}

func sentResult(sent *valisev1.Sent, more object) object {
	o := object{
		"thread": sent.GetThread(), "message": sent.GetMessage(), "kind": kindName(sent.GetKind()),
		"delivery": deliveryName(sent.GetDelivery()), "delivery_reason": reasonOrNull(sent.GetDeliveryReason()),
		"pending_clearance": sent.GetPendingClearance(), "stage": stageName(stageOf(sent)), "advice": adviceList(sent.GetAdvice()),
	}
	if sent.GetPendingClearance() {
		o["delivery"] = nil
	}
	maps.Copy(o, more)
	if sent.GetKind() == valisev1.Kind_KIND_ACKNOWLEDGEMENT {
		o["covers"] = strs(sent.GetCovers())
	}
	return o
}

func sentLines(s speech, sent *valisev1.Sent, peer string) []string {
	facts := []string{"kind", s.kind(sent.GetKind()), "delivery", deliveryWords(s, sent.GetDelivery(), peer), "reason", s.reason(sent.GetDeliveryReason())}
	line := s.say(s.Result.Sent, facts...)
	if sent.GetDeliveryReason() != valisev1.Reason_REASON_UNSPECIFIED {
		line = s.say(s.Result.SentReason, facts...)
	}
	if sent.GetPendingClearance() {
		line = s.Result.SecondPerson.String()
	}
	if stageOf(sent) == valisev1.Stage_STAGE_DRAFT {
		line = s.Result.KeptDraft.String()
	}
	rows := []labelled{{s.Result.Thread, s.theirs(sent.GetThread())}, {s.Result.Message, s.theirs(sent.GetMessage())}}
	if len(sent.GetCovers()) > 0 {
		rows = append(rows, labelled{s.Result.Covers, s.theirs(strings.Join(sent.GetCovers(), " "))})
	}
	return append([]string{s.line(line)}, s.table(rows...)...)
}

// first8 is the beginning of an id by which people name it.
func first8(id string) string { return fmt.Sprintf("%.8s", id) }

// stageOf is how far an officer's message is on its way out of our hands.
func stageOf(sent *valisev1.Sent) valisev1.Stage {
	switch {
	case sent.GetPendingClearance():
		return valisev1.Stage_STAGE_PENDING_CLEARANCE
	case sent.GetDelivery() == valisev1.Delivery_DELIVERY_UNSPECIFIED:
		return valisev1.Stage_STAGE_DRAFT
	case sent.GetDeliveryReason() == valisev1.Reason_REASON_UNDO_HOLD:
		return valisev1.Stage_STAGE_HELD
	}
	return valisev1.Stage_STAGE_RELEASED
}

func adviceList(advice []*valisev1.Advice) []object {
	list := []object{}
	for _, a := range advice {
		list = append(list, object{"step": a.GetStep(), "text": a.GetText()})
	}
	return list
}
