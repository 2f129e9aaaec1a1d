package console

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

type checkPage struct {
	*frame
	*writing
	Form    *form
	Payload proto.Message
}

// check shows all that would leave, before it does.
func (v *visit) check() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if w.sent != "" {
		return v.alreadySent(w)
	}
	if len(w.to) == 0 && w.begins() {
		return v.goTo(w.place(""))
	}
	m, faults := w.compose(v.c.cfg.Zone, &v.t.Write)
	if len(faults) > 0 {
		w.blame(faults)
		v.c.writings.put(w, v.now)
		return v.goTo("draft/" + w.id)
	}
	v.show(http.StatusOK, "check", &checkPage{v.inner(v.t.Write.Check, ""), w, forms[w.form], m})
	return nil
}

// checkLine is one thing that leaves.
type checkLine struct {
	Label template.HTML
	Says  template.HTML
	Field string // where it is changed
}

// Lines are all fields that say anything, as they will be read.
func (p *checkPage) Lines() (all []checkLine, err error) {
	for _, f := range p.fields() {
		says, err := p.says(f)
		if err != nil {
			return nil, err
		}
		if says == "" {
			continue
		}
		label, err := p.label(f)
		if err != nil {
			return nil, err
		}
		all = append(all, checkLine{label, says, f.key})
	}
	return all, nil
}

// says is the value of a field, as the payload has it.
func (p *checkPage) says(f field) (template.HTML, error) {
	v, wrong := f.value(p.writing, p.v.c.cfg.Zone, &p.T.Write)
	if v == nil || wrong != nil {
		return "", nil
	}
	switch v := v.(type) {
	case map[string]any:
		return p.Say(p.T.Write.Option.Of(p.values[f.key+".absent"]))
	case []any:
		var lines []string
		for _, entry := range v {
			text, _ := entry.(string)
			lines = append(lines, text)
		}
		return p.Peer(strings.Join(lines, "\n")), nil
	case bool:
		return p.option(f, strconv.FormatBool(v), p.peer)
	case []string:
		return p.saysAll(f, v)
	case string:
		return p.saysText(f, v)
	}
	return "", nil
}

func (p *checkPage) saysAll(f field, chosen []string) (says template.HTML, err error) {
	for _, value := range chosen {
		one, err := p.option(f, value, p.peer)
		if err != nil {
			return "", err
		}
		says += "<p>" + one + "</p>"
	}
	return says, nil
}

func (p *checkPage) saysText(f field, text string) (template.HTML, error) {
	switch f.is {
	case choice:
		return p.option(f, text, p.peer)
	case moment, estimate:
		e, err := draft.ParseEstimate(text)
		if err != nil {
			return "", err
		}
		if by := e.GetBy(); by != nil {
			return p.MomentWith(by.GetAt().AsTime(), p.peer)
		}
		if within := e.GetWithinSeconds(); within > 0 {
			return p.span(within)
		}
	}
	return p.Peer(text), nil
}

// Notes are those that nobody can take out, in the language of the reader. A-10 s4, s5
func (p *checkPage) Notes() (all []string) {
	for _, n := range notes.For(p.Form.kind) {
		if text, ok := notes.Text(n.ID, n.Version, p.Lang()); ok {
			all = append(all, text)
		}
	}
	return all
}

// Button names the act.
func (p *checkPage) Button() (template.HTML, error) {
	if len(p.to) > 1 {
		return p.Say(p.T.New.SendEach)
	}
	return p.Say(p.T.Write.Act.Of(p.form).Send, "state", p.State(p.peer))
}

// ShownAs is the name of the officer that the peer reads; empty where the State does not wish it.
func (p *checkPage) ShownAs() string { return p.v.c.officer.GetShownAs() }

// send lets what was checked leave, once: its request id belongs to this draft as it was shown.
func (v *visit) send() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if w.sent != "" {
		return v.goTo(w.SentAt())
	}
	if v.r.PostFormValue("revision") != strconv.Itoa(w.revision) {
		return v.goTo("draft/" + w.id + "/check")
	}
	m, faults := w.compose(v.c.cfg.Zone, &v.t.Write)
	if len(faults) > 0 {
		return v.goTo("draft/" + w.id)
	}
	sent, err := v.submit(w, m)
	if err != nil {
		return v.notTaken(w, err)
	}
	if w.sent = sent.GetMessage(); w.begins() {
		w.begun(sent)
		v.c.writings.remember(w)
	}
	v.c.writings.put(w, v.now)
	return v.goTo(w.SentAt())
}

// submit writes a draft anew and hands it on to the second person, or says something new.
func (v *visit) submit(w *writing, m proto.Message) (*valisev1.Sent, error) {
	kind, act := forms[w.form].kind, "desk-"+w.id+"-"+strconv.Itoa(w.revision)
	if w.revises != "" {
		answer, err := v.c.door.inquiry.ReviseMessage(v.ctx(), &valisev1.ReviseMessageRequest{
			Message: w.revises, Payload: wrap(kind, m), RequestId: act,
		})
		if err != nil {
			return nil, err
		}
		handed, err := v.c.door.inquiry.ClearMessage(v.ctx(), &valisev1.ClearMessageRequest{Message: answer.GetSent().GetMessage(), RequestId: act + "-hand"})
		return handed.GetSent(), err
	}
	options := &valisev1.SendOptions{RequestId: act, UndoSeconds: uint32(v.c.cfg.Undo.Seconds())}
	if w.begins() {
		return v.beginThread(w, m, options)
	}
	answer, err := v.c.door.inquiry.Reply(v.ctx(), &valisev1.ReplyRequest{
		Thread: w.thread, Payload: wrap(kind, m), InReplyTo: w.about, Options: options,
	})
	return answer.GetSent(), err
}
