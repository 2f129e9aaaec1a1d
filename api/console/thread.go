package console

import (
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	valisev1 "valise.example/proto/valise/v1"
)

var (
	wholeID = regexp.MustCompile(`^[0-9a-f]{32}$`)
	actID   = regexp.MustCompile(`^[a-z2-7]{26}$`)
)

// named id in the path, or nothing there.
func (v *visit) id(name string) (string, error) {
	id := v.r.PathValue(name)
	if !wholeID.MatchString(id) {
		return "", refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return id, nil
}

// act is the request id of a form: the page that holds it made it up, so that a second click, or a page
// that is sent again, is the same act.
func (v *visit) act() (string, error) {
	act := v.r.PostFormValue("act")
	if !actID.MatchString(act) {
		return "", refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	return "desk-" + act, nil
}

// Act is a new request id for a form.
func (f *frame) Act() (string, error) { return f.v.c.shell.secret() }

type threadPage struct {
	*frame
	*valisev1.GetThreadResponse
	x    *index
	back returned
}

// thread is one inquiry and all that was said in it. Looking at it changes nothing and tells nobody.
func (v *visit) thread() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	p, err := v.threadOf(id)
	if err != nil {
		return err
	}
	if page := v.r.URL.Query().Get("page"); page != "" {
		n, err := strconv.Atoi(page)
		if err != nil || n < 1 || n > len(p.x.pages) {
			return refuse(valisev1.Reason_REASON_NOT_FOUND)
		}
		p.x.page = n - 1
	}
	v.show(http.StatusOK, "thread", p)
	return nil
}

// threadOf is the page of a thread, turned to what is newest.
func (v *visit) threadOf(id string) (*threadPage, error) {
	t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: id})
	if err != nil {
		return nil, err
	}
	return &threadPage{frame: v.inner(v.t.Reading.Said, ""), GetThreadResponse: t, x: newIndex(t)}, nil
}

func (p *threadPage) sayer() *sayer {
	m := p.opening()
	return &sayer{f: p.frame, x: p.x, m: m, lang: languageOf(m)}
}

// Stands is how the thread stands.
func (p *threadPage) Stands() (template.HTML, error) { return p.stands(p.GetThread()) }

// Articles are what the page shows of what was said.
func (p *threadPage) Articles() (all []article) {
	at := p.x.pages[p.x.page]
	for _, m := range p.GetMessages()[at.from:at.to] {
		all = append(all, article{p.frame, m, p.x})
	}
	return all
}

// Page is the number of the page that is shown, from 1.
func (p *threadPage) Page() int { return p.x.page + 1 }

// Pages is how many there are.
func (p *threadPage) Pages() int { return len(p.x.pages) }

// Before is the page before; 0 where there is none.
func (p *threadPage) Before() int { return p.x.page }

// After is the page after; 0 where there is none.
func (p *threadPage) After() int {
	if p.Page() == p.Pages() {
		return 0
	}
	return p.Page() + 1
}

// Unseen is the number of the first item that this page cannot have shown: what comes later still waits to
// be read.
func (p *threadPage) Unseen() uint64 {
	last := uint64(0)
	for _, m := range p.GetMessages() {
		last = max(last, m.GetItem())
	}
	return last + 1
}

// MayOpen reports whether something waits to be read and this officer may note that it was.
func (p *threadPage) MayOpen() bool {
	return p.GetThread().GetUnopenedSince() != nil && p.v.c.has(
		valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER, valisev1.Role_ROLE_CLEARER)
}

// MayAcknowledge reports whether a message of the other State is not acknowledged yet and this officer may
// do that. The node decides in the end. A-10 s4
func (p *threadPage) MayAcknowledge() bool {
	if !p.v.c.has(valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER) {
		return false
	}
	done := map[string]bool{}
	for _, m := range p.GetMessages() {
		if m.GetOutbound() && m.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN {
			for _, d := range m.GetPayload().GetAcknowledgement().GetMessages() {
				done[hexOf(d)] = true
			}
		}
	}
	return slices.ContainsFunc(p.GetMessages(), func(m *valisev1.MessageView) bool {
		return !m.GetOutbound() && m.GetRefused() == 0 && m.GetDigest() != "" && !done[m.GetDigest()] &&
			valisev1.IsHuman(m.GetKind()) && m.GetKind() != valisev1.Kind_KIND_ACKNOWLEDGEMENT
	})
}

// has reports whether the officer has one of some roles.
func (c *Console) has(roles ...valisev1.Role) bool {
	return slices.ContainsFunc(c.officer.GetRoles(), func(r valisev1.Role) bool { return slices.Contains(roles, r) })
}

// open notes that a person has read what is new: nobody at home is called for it any more. The other
// State is not told.
func (v *visit) open() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	unseen, err := strconv.ParseUint(v.r.PostFormValue("unseen"), 10, 64)
	if err != nil {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	if _, err := v.c.door.inquiry.OpenThread(v.ctx(), &valisev1.OpenThreadRequest{Thread: id, RequestId: act, Unseen: unseen}); err != nil {
		return err
	}
	return v.goTo("thread/" + id)
}

// acknowledge is one click: a fixed text, held for a moment in which it can be undone. A-10 s4
func (v *visit) acknowledge() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	answer, err := v.c.door.inquiry.Reply(v.ctx(), &valisev1.ReplyRequest{
		Thread:  id,
		Payload: &valisev1.Payload{Payload: &valisev1.Payload_Acknowledgement{Acknowledgement: &valisev1.Acknowledgement{Preamble: &valisev1.Preamble{}}}},
		Options: &valisev1.SendOptions{RequestId: act, UndoSeconds: uint32(v.c.cfg.Undo.Seconds())},
	})
	if err != nil {
		return err
	}
	return v.goTo("thread/" + id + "/sent/" + answer.GetSent().GetMessage())
}
