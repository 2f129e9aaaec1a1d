package console

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"

	valisev1 "valise.example/proto/valise/v1"
)

const (
	// mostPrinted messages are printed at once, and mostPrintedBytes is about what they have together. P7
	mostPrinted      = 200
	mostPrintedBytes = 3 << 20
)

// printPage is a thread as it goes on paper: the very words of its page, what everybody needs who has
// nothing but the paper, and the digest by which it is checked years later. docs/protocol.md §9.6
type printPage struct {
	*threadPage
	Proof *valisev1.GetPaperResponse // nil where the node keeps no tree
	rows  map[uint64][]string        // digest of a message by its item, as it is printed
}

// print shows a page for the browser's own print. What was recorded after the digest was made is not on
// it, so that all parts of a long thread are of one moment.
func (v *visit) print() error {
	id, err := v.id("thread")
	if err != nil {
		return err
	}
	size, err := v.number("size")
	if err != nil {
		return err
	}
	proof, err := v.proof(id, size)
	if err != nil {
		return err
	}
	t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: id})
	if err != nil {
		return err
	}
	if proof != nil {
		t.Messages = slices.DeleteFunc(t.GetMessages(), func(m *valisev1.MessageView) bool { return m.GetItem() >= proof.GetHead().GetSize() })
	}
	p := &printPage{
		threadPage: &threadPage{frame: v.inner(v.t.Paper.Title, ""), GetThreadResponse: t, x: newIndex(t)},
		Proof:      proof, rows: map[uint64][]string{},
	}
	for _, item := range proof.GetItems() {
		p.rows[item.GetItem()] = item.GetRows()
	}
	part, err := v.number("part")
	if err != nil {
		return err
	}
	p.x.cut(mostPrinted, mostPrintedBytes)
	if part > uint64(p.Pages()) {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	p.x.page = max(0, int(part)-1)
	p.x.at = "thread/" + id + "/print?size=" + strconv.FormatUint(proof.GetHead().GetSize(), 10) + "&part="
	v.show(http.StatusOK, "print", p)
	return nil
}

// number of a query; 0 where it is not there.
func (v *visit) number(name string) (uint64, error) {
	text := v.r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	return n, nil
}

// proof is what the page carries for a later check; nil where the node has no tree over its record, which
// the page says.
func (v *visit) proof(thread string, size uint64) (*valisev1.GetPaperResponse, error) {
	proof, err := v.c.door.record.GetPaper(v.ctx(), &valisev1.GetPaperRequest{Thread: thread, Size: size})
	if err != nil && refusalOf(err).reason == valisev1.Reason_REASON_BAD_CONFIG {
		return nil, nil
	}
	return proof, err
}

// marks of handling, the least strict first. A-11
var marks = []valisev1.Tlp{
	valisev1.Tlp_TLP_CLEAR, valisev1.Tlp_TLP_GREEN, valisev1.Tlp_TLP_AMBER, valisev1.Tlp_TLP_AMBER_STRICT, valisev1.Tlp_TLP_RED,
}

// strictness is the place of a label among marks. One that is absent reads as TLP:AMBER+STRICT, and one
// that this version does not know as the strictest.
func strictness(l valisev1.Tlp) int {
	if l == valisev1.Tlp_TLP_UNSPECIFIED {
		l = valisev1.Tlp_TLP_AMBER_STRICT
	}
	if at := slices.Index(marks, l); at >= 0 {
		return at
	}
	return len(marks) - 1
}

// Marking stands on every sheet: the strictest label of what is on the page, its attachments among it. A
// note of our own side has none, and reads as one without. A-11 s2
func (p *printPage) Marking() string {
	strictest := -1
	for _, a := range p.Articles() {
		strictest = max(strictest, strictness(preambleOf(a.MessageView).GetTlp()))
		for _, f := range a.GetAttachments() {
			if f.GetTlp() != valisev1.Tlp_TLP_UNSPECIFIED {
				strictest = max(strictest, strictness(f.GetTlp()))
			}
		}
	}
	if strictest < 0 {
		strictest = strictness(valisev1.Tlp_TLP_UNSPECIFIED)
	}
	return handling(marks[strictest].Descriptor(), marks[strictest].Number())
}

// OurReference is what our own side files the thread under, as it was said last; empty: nothing.
func (p *printPage) OurReference() string {
	return p.reference(func(m *valisev1.MessageView) string { return referenceOf(m, m.GetOutbound()) })
}

// TheirReference is what the other side files it under.
func (p *printPage) TheirReference() string {
	return p.reference(func(m *valisev1.MessageView) string { return referenceOf(m, !m.GetOutbound()) })
}

func referenceOf(m *valisev1.MessageView, own bool) string {
	if own {
		return preambleOf(m).GetOwnReference()
	}
	return preambleOf(m).GetPeerReference()
}

func (p *printPage) reference(of func(*valisev1.MessageView) string) (last string) {
	for _, m := range p.GetMessages() {
		if r := of(m); r != "" {
			last = r
		}
	}
	return last
}

// RowsOf are the digest of a message as it is printed; none where it has none.
func (p *printPage) RowsOf(a article) []string { return p.rows[a.GetItem()] }

// PartAt is the path of a part.
func (p *printPage) PartAt(part int) string { return p.Base() + p.x.at + strconv.Itoa(part) }

// Command checks a paper at a terminal.
func (p *printPage) Command() template.HTML {
	return `<code class="command" dir="ltr">valise record verify --digest</code>`
}

// Now is when the page was made.
func (p *printPage) Now() (template.HTML, error) {
	return p.MomentWith(p.v.now, p.GetThread().GetPeer())
}
