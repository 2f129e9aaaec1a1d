package console

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

type exportPage struct {
	*frame
	Thread, Title string
	Period        period
	Consent       *valisev1.ConsentView
	Wrong         bool // another name was typed than that of the third party
	request       *valisev1.ExportRecordRequest
}

// exportOf reads what is to be taken out: a thread, a time, or with a consent the messages that it names.
func (v *visit) exportOf() (*exportPage, error) {
	if err := v.r.ParseForm(); err != nil {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST)
	}
	p := &exportPage{
		frame:  v.inner(v.t.Frame.Record, "record"),
		Thread: v.r.Form.Get("thread"), Period: periodOf(v.r.Form),
		request: &valisev1.ExportRecordRequest{Form: valisev1.ExportForm_EXPORT_FORM_ARCHIVE},
	}
	if id := v.r.Form.Get("consent"); id != "" {
		return p, v.consented(p, id)
	}
	if p.Thread != "" {
		if !wholeID.MatchString(p.Thread) {
			return nil, refuse(valisev1.Reason_REASON_NOT_FOUND)
		}
		t, err := v.c.door.inquiry.GetThread(v.ctx(), &valisev1.GetThreadRequest{Thread: p.Thread})
		if err != nil {
			return nil, err
		}
		p.Title, p.request.Threads = t.GetThread().GetTitle(), []string{p.Thread}
	}
	p.request.Since, p.request.Until = p.Period.since, p.Period.until
	return p, nil
}

// consented fills in what one consent lets go, and to whom: that and nothing else. A-11 s2
func (v *visit) consented(p *exportPage, id string) error {
	c, err := v.consentNamed(id)
	if err != nil {
		return err
	}
	if !c.GetOutbound() || c.GetState() != valisev1.ConsentState_CONSENT_STATE_GRANTED || len(c.GetMessages()) == 0 {
		return refuse(valisev1.Reason_REASON_NO_CONSENT)
	}
	p.Period = period{} // it is the consent that says what goes
	p.Consent, p.request.ThirdParty, p.request.Messages = c, c.GetThirdParty(), c.GetMessages()
	return nil
}

// exportSure shows what is about to be taken out. Nothing has been done yet.
func (v *visit) exportSure() error {
	p, err := v.exportOf()
	if err != nil {
		return err
	}
	return v.showExport(p)
}

func (v *visit) showExport(p *exportPage) error {
	code := http.StatusOK
	if p.Period.Bad() || p.Wrong {
		code = http.StatusUnprocessableEntity
	}
	v.show(code, "export", p)
	return nil
}

// export hands out what was chosen as a file, one line a piece. It is in the record before that. A-11 s2
func (v *visit) export() error {
	p, err := v.exportOf()
	if err != nil {
		return err
	}
	if p.request.RequestId, err = v.act(); err != nil {
		return err
	}
	p.Wrong = p.Consent != nil && v.r.PostForm.Get("typed") != p.Consent.GetThirdParty()
	if p.Period.Bad() || p.Wrong {
		return v.showExport(p)
	}
	ctx, cancel := context.WithCancel(v.ctx())
	defer cancel()
	pieces, err := v.c.door.record.ExportRecord(ctx, p.request)
	if err != nil {
		return err
	}
	first, err := pieces.Recv()
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/x-ndjson")
	v.w.Header().Set("Content-Disposition", `attachment; filename="valise-export.jsonl"`)
	for piece := first; err == nil; piece, err = pieces.Recv() {
		if err = v.handOut(piece); err != nil {
			break
		}
	}
	if !errors.Is(err, io.EOF) {
		v.cut()
	}
	return nil
}

// handOut writes one piece, without what is for whoever makes the export and not to be handed on.
func (v *visit) handOut(piece *valisev1.ExportRecordResponse) error {
	if piece.GetHead() != nil {
		piece = proto.CloneOf(piece)
		piece.Head.LeftOut = nil
	}
	line, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(piece)
	if err != nil {
		return err
	}
	if err := http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	return json.NewEncoder(v.w).Encode(json.RawMessage(line))
}

// cut ends an answer that is not whole, so that the browser does not take it for a whole file.
func (v *visit) cut() {
	v.c.cfg.Logger.Warn("an export ended before its end")
	_ = http.NewResponseController(v.w).SetWriteDeadline(time.Unix(1, 0))
}
