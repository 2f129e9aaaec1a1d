package gateway

import (
	"context"
	"strconv"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// maxNote is how many bytes the text of a note at home may have.
const maxNote = 20_000

// AddNote records a note at home: to the other track of the same State, to whoever has the desk
// next, on the legal basis, or that a thread was brought to higher officials. Nothing of it is ever
// sent. The error is an *Error: NOT_PERMITTED, NOT_FOUND, AMBIGUOUS, BAD_REQUEST, BAD_TEXT,
// DISK_FULL, REQUEST_ID_CONFLICT or STORAGE_UNKNOWN. A-9 s3, A-9a s2
func (g *Gateway) AddNote(ctx context.Context, a Actor, r *valisev1.AddNoteRequest) (*valisev1.AddNoteResponse, error) {
	const op = "add note"
	role, err := a.as(mayNote)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	if err := checkNote(r); err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.AddNoteResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() (err error) {
			out.Item, err = w.addNote(a, hand{a.Name, roleName(role)}, r)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkNote holds a note against what needs no record.
func checkNote(r *valisev1.AddNoteRequest) error {
	_, known := valisev1.NoteType_name[int32(r.GetType())]
	switch {
	case !known:
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "the type of the note is none that is known")
	case r.GetText() == "" || len(r.GetText()) > maxNote:
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "the text of a note has 1 to %d bytes", maxNote)
	case !isText(r.GetText()):
		return refuse(valisev1.Reason_REASON_BAD_TEXT, "the note holds control characters, or is not UTF-8")
	case r.GetThread() == "" && r.GetMessage() != "":
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "a note about a message names its thread")
	case r.GetThread() == "" && r.GetType() == valisev1.NoteType_NOTE_TYPE_ESCALATION:
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "only a thread is brought to higher officials")
	}
	return nil
}

func (w *work) addNote(a Actor, by hand, r *valisev1.AddNoteRequest) (uint64, error) {
	note := &valisev1.LocalNote{Type: r.GetType()}
	item := &valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_NOTE, Officer: by.officer, Role: by.role, Note: r.GetText(), LocalNote: note,
	}
	th, err := w.noteIn(a, r, note)
	if err != nil {
		return 0, err
	}
	if note.Type == valisev1.NoteType_NOTE_TYPE_COORDINATION && note.From != "" {
		if note.To, err = w.g.cfg.otherTrack(note.From); err != nil {
			return 0, err
		}
	}
	item.Thread = th.GetId()
	n, err := w.append(item)
	if err != nil {
		return 0, err
	}
	if err := w.tx.PutRow(tableNotes, nil, n, []byte{}); err != nil || th == nil {
		return n, err
	}
	if err := w.tx.PutRow(tableNotes, th.GetId(), n, []byte{}); err != nil {
		return n, err
	}
	th.Changed = protoTime(w.now)
	th.Escalated = th.GetEscalated() || note.Type == valisev1.NoteType_NOTE_TYPE_ESCALATION
	return n, w.saveThread(th)
}

// noteIn finds the thread and the message that a note is about, and the desk that writes it; nil
// for a note of no thread.
func (w *work) noteIn(a Actor, r *valisev1.AddNoteRequest, note *valisev1.LocalNote) (*valisev1.Thread, error) {
	if r.GetThread() == "" {
		note.From = w.g.cfg.onlyDesk(a)
		return nil, nil
	}
	th, err := w.findThread(a, r.GetThread())
	if err != nil {
		return nil, err
	}
	note.From = th.GetOurs()
	if r.GetMessage() == "" {
		return th, nil
	}
	p, err := w.findMessage(a, r.GetMessage())
	if err != nil {
		return nil, err
	}
	if p.thread != idOf(th) {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "the message that the note is about belongs to another thread")
	}
	note.Message = append([]byte{}, p.id[:]...)
	return th, nil
}

// onlyDesk is the POC of ours on whose track an officer is; none for one who is on both: such a
// note is of the State as a whole.
func (c Config) onlyDesk(a Actor) string {
	found := ""
	for _, ours := range c.Ours {
		if !a.on(ours.Track) {
			continue
		}
		if found != "" {
			return ""
		}
		found = ours.String()
	}
	return found
}

// otherTrack is the POC of ours that a note for coordination is written to. A-9 s3
func (c Config) otherTrack(from string) (string, error) {
	for _, ours := range c.Ours {
		if ours.String() != from {
			return ours.String(), nil
		}
	}
	return "", refuse(valisev1.Reason_REASON_NOT_FOUND, "this home has no POC on the other track, so nobody there would read it")
}

// seesNote reports whether an officer may read a note: who is on the track that wrote it, who is on
// the track that it was written to, and everybody what is of the State as a whole. A-9 s3
func (a Actor) seesNote(n *valisev1.LocalNote) bool {
	if n.GetFrom() == "" && n.GetTo() == "" {
		return true
	}
	for _, desk := range []string{n.GetFrom(), n.GetTo()} {
		if with, err := ident.ParseAddress(desk); err == nil && a.on(with.Track) {
			return true
		}
	}
	return false
}

// Notes lists the notes at home that the officer's tracks may read, newest first. A-9 s3
func (g *Gateway) Notes(ctx context.Context, a Actor, r *valisev1.ListNotesRequest) (*valisev1.ListNotesResponse, error) {
	const op = "list notes"
	if _, err := a.as(mayNote); err != nil {
		return nil, asError(op, err, 0)
	}
	from, err := parsePage(r.GetPageToken(), highest)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	types := map[valisev1.NoteType]bool{}
	for _, t := range r.GetTypes() {
		types[t] = true
	}
	out, limit := new(valisev1.ListNotesResponse), pageSize(r.GetPageSize())
	err = g.view(ctx, op, func(w *work) error {
		out.Notes, out.NextPageToken = nil, ""
		var group []byte
		if r.GetThread() != "" {
			th, err := w.findThread(a, r.GetThread())
			if err != nil {
				return err
			}
			group = th.GetId()
		}
		return w.tx.Rows(tableNotes, group, from, true, func(n uint64, _ []byte) (bool, error) {
			item, err := w.kept(n)
			if err != nil {
				return false, err
			}
			note := item.GetLocalNote()
			if note == nil || !a.seesNote(note) || len(types) > 0 && !types[note.GetType()] {
				return true, nil
			}
			if len(out.Notes) == limit {
				out.NextPageToken = strconv.FormatUint(n, 10)
				return false, nil
			}
			out.Notes = append(out.Notes, noteView(item))
			return true, nil
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func noteView(item *valisev1.Item) *valisev1.NoteView {
	note := item.GetLocalNote()
	v := &valisev1.NoteView{
		Item: item.GetNumber(), Recorded: item.GetRecorded(), Officer: item.GetOfficer(), Role: item.GetRole(),
		Type: note.GetType(), Text: item.GetNote(), From: note.GetFrom(), To: note.GetTo(),
	}
	if t, ok := ident.ThreadIDFrom(item.GetThread()); ok {
		v.Thread = t.String()
	}
	if m, ok := ident.MessageIDFrom(note.GetMessage()); ok {
		v.Message = m.String()
	}
	return v
}
