//go:build browser

package browser

import (
	"strings"
	"testing"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// script is what a peer could write into any field: as markup, each of its parts would leave a trace.
const script = `"><img src=/canary onerror=canary()>`

// more of the kind, for fields that take long texts.
const longScript = script + `<script>fetch('/canary')</script><style>@import '/canary';*{display:none}</style><link rel=stylesheet href=/canary>` +
	`<meta http-equiv=refresh content="0;url=/canary"><iframe src=/canary></iframe><form action=/canary><button autofocus>x</button></form>` +
	`<svg onload=canary()></svg><base href=http://adversary.example/><a href="javascript:canary()" ping=/canary>x</a>` + "\u202e\u2066</bdi></main>"

// storedIn puts it into every field of an inquiry in which a person writes.
func storedIn(q *valisev1.Inquiry) {
	q.Preamble.Translations = []*valisev1.Translation{{Language: "fr", Title: script, Text: longScript}}
	q.Originator = &valisev1.Person{Name: script, Affiliation: script, Designation: script, Phone: "<b onclick=canary()>+999", Email: "x@alder.example"}
	q.Title, q.Narrative, q.FirstContact = script, longScript, script
	q.Questions = []string{longScript, script}
	q.PreferredChannels = []*valisev1.Channel{{Kind: script, Address: script, Protection: script, Fingerprint: script, Hours: script}}
	q.NominatedAgency = &valisev1.Agency{Name: script, Contact: script}
	q.Incident = &valisev1.Incident{
		Nature:     &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: longScript}},
		Occurrence: &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: script}},
	}
}

// TestStoredScript: Alder writes script into every field, with script on at the desk of Birch. It is read as
// text on every page where it stands; nothing of it runs, nothing is asked for, and looking changes nothing.
func TestStoredScript(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	file := s.upload("XA", []byte(longScript))
	thread := s.inquire("XA", "XB/diplomatic", script, storedIn, func(q *valisev1.Inquiry) {
		q.Attachments = []*valisev1.Attachment{{Name: "' onerror=canary() onload='canary().svg", Size: file.GetSize(), Sha256: file.GetSha256(), Parts: file.GetParts()}}
	})
	p := s.desk("XB", options{script: true})
	p.until("/thread/"+thread, "main", "onerror=canary()")
	p.until("/thread/"+thread, "a[download]", "")
	before := s.head("XB")
	for _, language := range []string{"ar", "en"} {
		p.speaks(language)
		p.open("/thread/" + thread)
		p.harmless("thread", 20)
		p.shot("attack/stored-thread-" + language)
		p.complain("the thread in "+language, p.axe(), p.noSidewaysScroll())
		p.enlarge(4)
		p.complain("the thread in "+language+" at 400 %", p.noSidewaysScroll())
		p.enlarge(1)
		p.open("/")
		p.harmless("desk", 1)
	}
	p.begins(thread, "answer")
	p.harmless("form", 2)
	p.fields("outcome", "full", "narrative", longScript[:len(script)], "reference", script)
	p.click(`button[value="check"]`)
	p.harmless("check page", 2)
	if s.head("XB") != before {
		t.Error("looking has changed the record of Birch")
	}
	p.sends()
	p.open("/thread/" + thread)
	p.harmless("thread that was answered", 20)
}

// harmless judges the page that is open: the script is there to read, so many times at the least, and is
// nothing but text.
func (p *tab) harmless(name string, times int) {
	p.t.Helper()
	if n := strings.Count(p.text("body"), "onerror=canary()"); n < times {
		p.t.Errorf("%s: what was written is read %d times, not %d", name, n, times)
	}
	if n := p.count("img, script, iframe, svg, style, base, meta[http-equiv], [onerror], [onload], [onclick], [ping], [autofocus], a[href^=javascript]"); n > 0 {
		p.t.Errorf("%s: %d elements are none of ours", name, n)
	}
	for _, address := range p.asked() {
		if strings.Contains(address, "canary") {
			p.t.Errorf("%s: something asks for %s", name, address)
		}
	}
	for _, f := range p.taken() {
		p.t.Errorf("%s: %s", name, f)
	}
}

// upload brings a file to the node of a State.
func (s *stage) upload(state ident.State, file []byte) *valisev1.UploadAttachmentResponse {
	s.t.Helper()
	stream, err := valisev1.NewInquiryServiceClient(s.door(state)).UploadAttachment(s.t.Context())
	if err == nil {
		err = stream.Send(&valisev1.UploadAttachmentRequest{Data: file})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}
