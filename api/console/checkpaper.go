package console

import (
	"html/template"
	"net/http"
	"strings"

	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// mostTyped bytes of what was typed are shown again. P7
const mostTyped = 1024

// paperPage is the form in which the digest of a printed page is typed, and the answer.
type paperPage struct {
	*frame
	Typed   string
	Row     int                          // the first row that is mistyped; 0: none
	NotOurs bool                         // it is not of our record
	Answer  *valisev1.CheckPaperResponse // nil: nothing was asked
}

// paperForm asks for the digest on a paper.
func (v *visit) paperForm() error {
	v.show(http.StatusOK, "paper", &paperPage{frame: v.inner(v.t.Paper.Check, "record")})
	return nil
}

// checkPaper says what the digest on a paper stands for. It looks and changes nothing; it is a POST so that
// what was typed stands in no address. docs/protocol.md §9.6
func (v *visit) checkPaper() error {
	raw := v.r.PostFormValue("digest")
	p := &paperPage{frame: v.inner(v.t.Paper.Check, "record"), Typed: strings.ToValidUTF8(raw[:min(len(raw), mostTyped)], "")}
	typed := strings.Join(strings.Fields(raw), " ")
	if _, _, err := ident.ParsePaper(typed); err != nil {
		p.Row = ident.MistypedRow(err)
		v.show(http.StatusUnprocessableEntity, "paper", p)
		return nil
	}
	answer, err := v.c.door.record.CheckPaper(v.ctx(), &valisev1.CheckPaperRequest{Digest: typed})
	switch {
	case err == nil:
		p.Answer = answer
	case refusalOf(err).reason == valisev1.Reason_REASON_NOT_FOUND:
		p.NotOurs = true
	default:
		return err
	}
	p.Heading = p.headed()
	v.show(http.StatusOK, "paper", p)
	return nil
}

func (p *paperPage) headed() locale.Text {
	switch {
	case p.NotOurs:
		return p.T.Paper.NotOurs
	case p.Answer.GetMatches():
		return p.T.Paper.Same
	}
	return p.T.Paper.Differs
}

// Asked reports whether this is an answer and no form.
func (p *paperPage) Asked() bool { return p.NotOurs || p.Answer != nil }

// Why says in the words of the catalog why the record does not lead to the paper.
func (p *paperPage) Why() string { return p.v.catalog.Sentence(p.Answer.GetReason()) }

// Unsound reports whether the last look at the whole record found something wrong: then no paper is judged
// by it.
func (p *paperPage) Unsound() bool {
	status, err := p.v.nodeStatus()
	return err == nil && status.GetLastVerification() != nil && !status.GetLastVerification().GetOk()
}

// Whole says when the whole record was last looked at: a paper is checked against what its tree says.
func (p *paperPage) Whole() (template.HTML, error) {
	status, err := p.v.nodeStatus()
	if err != nil || status.GetLastVerification() == nil {
		return p.Say(p.T.Paper.NotWhole)
	}
	at, err := p.Moment(status.GetLastVerification().GetAt().AsTime())
	if err != nil {
		return "", err
	}
	return p.Say(p.T.Paper.Whole, "time", at)
}
