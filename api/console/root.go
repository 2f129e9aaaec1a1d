package console

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// rootPage shows once more what is about to be said of who speaks for a State.
type rootPage struct {
	*frame
	Code   string
	Target string // path of the form below the State: "called" or "settle"
	Fields []formField
	Wrong  bool // another code was typed than that of the State
}

// Act is the request id of the form: of one that came back its own.
func (p *rootPage) Act() (string, error) {
	if act := p.v.r.PostFormValue("act"); actID.MatchString(act) {
		return act, nil
	}
	return p.frame.Act()
}

// formField is one thing that is sent, and how it reads.
type formField struct {
	Name, Value string
	Label       template.HTML
}

// The fields of the two forms, in the order in which they are shown.
var (
	rootFields   = []string{"address", "means", "person", "detail", "at", "source", "fingerprint", "theirs"}
	settleFields = []string{"item", "note"}
)

// rootSure is the first of two steps: nothing has been done yet. docs/protocol.md §8.5
func (v *visit) rootSure() error {
	if _, wrong := v.rootCall(); wrong != nil {
		return v.showBack(rootForm, wrong, refuse(valisev1.Reason_REASON_BAD_REQUEST))
	}
	return v.sure("called", rootFields, false)
}

// rootCall is a call about a root, in which the State has said one of two things: silence confirms nothing.
func (v *visit) rootCall() (*valisev1.ContactLog, *fault) {
	if says := v.r.PostFormValue("theirs"); says != "yes" && says != "no" {
		return nil, &fault{Field: "theirs", Text: v.t.Contacts.RootChoose}
	}
	if wrong := v.tooLong("source", "source", strings.TrimSpace(v.r.PostFormValue("source"))); wrong != nil {
		return nil, wrong
	}
	return v.callLogged()
}

// settleSure is the same for a question that no call-back settles.
func (v *visit) settleSure() error {
	_, item, err := v.settling()
	if err != nil {
		return err
	}
	if wrong := v.settledWrong(); wrong != nil {
		return v.showBack(settleForm+strconv.FormatUint(item, 10), wrong, refuse(valisev1.Reason_REASON_BAD_REQUEST))
	}
	return v.sure("settle", settleFields, false)
}

// settledWrong is what is wrong with what is said of a question; nil where nothing is.
func (v *visit) settledWrong() *fault {
	note := strings.TrimSpace(v.r.PostFormValue("note"))
	if note == "" {
		return &fault{Field: "note", Text: v.t.Write.Fault.Missing}
	}
	return v.tooLong("note", "settling", note)
}

// settling is the page about the State of a question, and the item of the question. One about another State is not settled
// by whoever types the code of this one.
func (v *visit) settling() (*contactPage, uint64, error) {
	p, err := v.contactOf()
	if err != nil {
		return nil, 0, err
	}
	item, err := strconv.ParseUint(v.r.PostFormValue("item"), 10, 64)
	if err != nil {
		return nil, 0, refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	if !slices.ContainsFunc(p.Questions, func(q *valisev1.TrustQuestion) bool { return q.GetItem() == item }) {
		return nil, 0, refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return p, item, nil
}

func (v *visit) sure(target string, names []string, wrong bool) error {
	code, err := v.state()
	if err != nil {
		return err
	}
	p := &rootPage{frame: v.inner(v.t.Frame.Contacts, "contacts"), Code: code, Target: target, Wrong: wrong}
	for _, name := range names {
		value := strings.TrimSpace(v.r.PostFormValue(name))
		p.Fields = append(p.Fields, formField{Name: name, Value: value, Label: rootLabel(p.frame, name, value)})
	}
	status := http.StatusOK
	if wrong {
		status = http.StatusUnprocessableEntity
	}
	v.show(status, "contactroot", p)
	return nil
}

// rootLabel is what a field means; empty for one that nobody needs to read.
func rootLabel(f *frame, name, value string) template.HTML {
	t := f.T.Contacts
	switch name {
	case "address":
		return valueOf(t.Which)
	case "person":
		return valueOf(t.WithWhom)
	case "detail":
		return valueOf(t.Number)
	case "at":
		return valueOf(t.At)
	case "source":
		return valueOf(t.RootSource)
	case "fingerprint":
		return valueOf(t.RootRead)
	case "note":
		return valueOf(t.SettleNote)
	case "theirs":
		if value == "no" {
			return valueOf(t.RootIsNot)
		}
		return valueOf(t.RootIs)
	}
	return ""
}

// Says is the value of a field, where that is more than a choice that the label names.
func (x formField) Says() template.HTML {
	if x.Name == "theirs" {
		return ""
	}
	return peerText(x.Value)
}

// typed reports whether the officer typed the code of the State: what is said of it is not done by a click.
func (v *visit) typed(code string) bool {
	return strings.EqualFold(strings.TrimSpace(v.r.PostFormValue("typed")), code)
}

// confirmRoot records what a call brought about the root of a State. docs/protocol.md §8.5
func (v *visit) confirmRoot() error {
	p, err := v.contactOf()
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	call, wrong := v.rootCall()
	if wrong != nil {
		return v.showBack(rootForm, wrong, refuse(valisev1.Reason_REASON_BAD_REQUEST))
	}
	if !v.typed(p.Code) {
		return v.sure("called", rootFields, true)
	}
	read := strings.Join(strings.Fields(v.r.PostFormValue("fingerprint")), " ")
	_, err = v.c.door.directory.ConfirmRoot(v.ctx(), &valisev1.ConfirmRootRequest{
		State: p.Code, Fingerprint: read, ReadAloud: read, NotTheirs: v.r.PostFormValue("theirs") == "no",
		Contact: call, Source: strings.TrimSpace(v.r.PostFormValue("source")), RequestId: act, First: !p.InDoubt,
	})
	if err != nil {
		return v.comeBack(rootForm, err)
	}
	return v.goTo("contacts/" + p.Code)
}

// settle records what came of a question. docs/protocol.md §8.5
func (v *visit) settle() error {
	p, item, err := v.settling()
	if err != nil {
		return err
	}
	act, err := v.act()
	if err != nil {
		return err
	}
	if wrong := v.settledWrong(); wrong != nil {
		return v.showBack(settleForm+strconv.FormatUint(item, 10), wrong, refuse(valisev1.Reason_REASON_BAD_REQUEST))
	}
	if !v.typed(p.Code) {
		return v.sure("settle", settleFields, true)
	}
	_, err = v.c.door.directory.SettleQuestion(v.ctx(), &valisev1.SettleQuestionRequest{
		Item: item, Note: strings.TrimSpace(v.r.PostFormValue("note")), RequestId: act,
	})
	if err != nil {
		return v.comeBack(settleForm+strconv.FormatUint(item, 10), err)
	}
	return v.goTo("contacts")
}
