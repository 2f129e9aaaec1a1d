package console

import (
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// tongues are the languages that a text can be said to be in.
func tongues() (all []option) {
	for _, l := range locale.Languages() {
		all = append(all, option{value: l.String()})
	}
	return all
}

// write begins a message of a thread; nothing is sent by it.
func (v *visit) write() error {
	if f := forms[v.r.PathValue("form")]; f == nil || f.steps > 0 {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	w, t, err := v.begin(v.r.PathValue("form"))
	if err != nil {
		return err
	}
	if about := v.r.PostFormValue("about"); wholeID.MatchString(about) {
		w.about = about
	}
	if aim := forms[w.form].aim; aim != nil {
		if err := aim(w, t); err != nil {
			return err
		}
	}
	v.c.writings.put(w, v.now)
	return v.goTo("draft/" + w.id)
}

func (v *visit) begin(form string) (*writing, *valisev1.GetThreadResponse, error) {
	id, err := v.id("thread")
	if err != nil {
		return nil, nil, err
	}
	t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: id})
	if err != nil {
		return nil, nil, err
	}
	secret, err := v.c.shell.secret()
	if err != nil {
		return nil, nil, err
	}
	w := &writing{
		id: secret, form: form, thread: id, peer: t.GetThread().GetPeer(), ours: t.GetThread().GetOurs(),
		asked: askedOfUs(t), values: map[string]string{},
	}
	for _, f := range w.fields() {
		if f.start != "" {
			w.values[f.key] = f.start
		}
	}
	w.values["language"] = v.language.String()
	return w, t, nil
}

// askedOfUs are the questions that the peer has asked last: those of its inquiry, or its further ones.
func askedOfUs(t *valisev1.GetThreadResponse) (asked []string) {
	for _, m := range t.GetMessages() {
		if m.GetOutbound() {
			continue
		}
		if q := m.GetPayload().GetInquiry().GetQuestions(); len(q) > 0 && !t.GetThread().GetOutbound() {
			asked = q
		}
		if q := m.GetPayload().GetClarificationRequest().GetQuestions(); len(q) > 0 && t.GetThread().GetOutbound() {
			asked = q
		}
	}
	return asked
}

func unwrap(p *valisev1.Payload) proto.Message {
	r := p.ProtoReflect()
	fd := r.WhichOneof(r.Descriptor().Oneofs().ByName("payload"))
	if fd == nil {
		return nil
	}
	return r.Get(fd).Message().Interface()
}

// wrap is the payload as a call takes it. A field's number there is the number of its kind.
func wrap(kind valisev1.Kind, m proto.Message) *valisev1.Payload {
	p := new(valisev1.Payload)
	fd := p.ProtoReflect().Descriptor().Fields().ByNumber(protoreflect.FieldNumber(kind))
	p.ProtoReflect().Set(fd, protoreflect.ValueOfMessage(m.ProtoReflect()))
	return p
}

// formOf is the form of a message of a kind; empty where none writes it.
func formOf(kind valisev1.Kind, m proto.Message) string {
	if r, ok := m.(*valisev1.Response); ok {
		if r.GetOutcome() == valisev1.Outcome_OUTCOME_DECLINED {
			return "decline"
		}
		return "answer"
	}
	for name, f := range forms {
		if f.kind == kind {
			return name
		}
	}
	return ""
}

// fill puts what a payload says, by the keys of its draft, into the fields.
func (w *writing) fill(body map[string]any) {
	w.room(body)
	for _, f := range w.fields() {
		if v := lookUp(body, f.key); v != nil {
			f.set(w, v)
		}
	}
}

func lookUp(body map[string]any, key string) any {
	if at := numbered.FindStringSubmatch(key); at != nil {
		rows, _ := body[at[1]].([]map[string]any)
		for i, row := range rows {
			if n, isAnswer := row["question"].(int64); isAnswer && itoa(n) == at[2] || !isAnswer && itoa(int64(i)) == at[2] {
				return row[at[3]]
			}
		}
		return nil
	}
	table, name, deeper := strings.Cut(key, ".")
	if !deeper {
		return body[key]
	}
	sub, _ := body[table].(map[string]any)
	return sub[name]
}

type writePage struct {
	*frame
	*writing
	Form   *form
	Faults []*fault
	Step   int // page of a form that has several; 0: it has one
}

// writing finds the draft that the path names.
func (v *visit) writing() (*writing, error) {
	id := v.r.PathValue("draft")
	if !actID.MatchString(id) {
		return nil, refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	w := v.c.writings.find(id)
	if w == nil {
		return nil, refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return w, nil
}

// form shows a draft to write in, with what is wrong with it once the officer wished to go on.
func (v *visit) form() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if w.sent != "" {
		return v.alreadySent(w)
	}
	if forms[w.form].steps > 0 {
		return v.goTo(w.place(""))
	}
	p := &writePage{frame: v.inner(v.t.Write.Act.Of(w.form).Link, ""), writing: w, Form: forms[w.form]}
	if w.tried {
		p.Faults = v.faults(w)
	}
	v.show(http.StatusOK, "write", p)
	return nil
}

// save keeps what was typed, and leads on where the officer wished to: to the check page, or back to the
// form with what is wrong.
func (v *visit) save() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	if w.sent != "" {
		return v.alreadySent(w)
	}
	if forms[w.form].steps > 0 {
		return v.goTo(w.place(""))
	}
	next := v.r.PostFormValue("next")
	w.take(v.r.PostFormValue)
	more := w.another(next, 0)
	place := ""
	if more != nil {
		place = w.add(more)
	}
	w.tried = next != "later" && next != "files" && more == nil
	if !v.c.writings.put(w, v.now) {
		return refuse(valisev1.Reason_REASON_TOO_LARGE)
	}
	switch {
	case more != nil:
		return v.goTo("draft/" + w.id + "#" + anchorOf(place))
	case next == "later":
		return v.goTo("")
	case next == "files":
		return v.goTo("draft/" + w.id + "/files")
	}
	if _, faults := w.compose(v.c.cfg.Zone, &v.t.Write); len(faults) > 0 {
		return v.goTo("draft/" + w.id)
	}
	return v.goTo("draft/" + w.id + "/check")
}

// discard forgets what was being written here.
func (v *visit) discard() error {
	w, err := v.writing()
	if err != nil {
		return err
	}
	v.c.writings.drop(w.id)
	return v.goTo("")
}

// keep puts aside what a session that has lapsed still sends, and does nothing else; false where there is
// nothing to keep. What was not found to be a draft of this desk is not read.
func (v *visit) keep() bool {
	prefix := v.c.shell.base + "draft/"
	id, ok := strings.CutPrefix(v.r.URL.Path, prefix)
	id, step, stepped := strings.Cut(id, "/step/")
	if v.r.Method != http.MethodPost || !ok || !actID.MatchString(id) {
		return false
	}
	w := v.c.writings.find(id)
	if w == nil || w.sent != "" || v.r.ParseForm() != nil || len(v.r.PostForm) == 0 {
		return false
	}
	n, err := w.stepOf(step)
	if stepped != (forms[w.form].steps > 0) || err != nil {
		return false
	}
	w.takeStep(n, v.r.PostFormValue)
	return v.c.writings.put(w, v.now)
}

type alreadyPage struct {
	*frame
	*writing
}

func (v *visit) alreadySent(w *writing) error {
	v.show(http.StatusOK, "already", &alreadyPage{v.inner(v.t.Write.AlreadySent, ""), w})
	return nil
}
