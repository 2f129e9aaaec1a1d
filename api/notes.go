package api

import (
	"context"
	"fmt"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// notes are what officers of one State tell each other; nothing of them is ever sent. A-9 s3
type notes interface {
	AddNote(context.Context, gateway.Actor, *valisev1.AddNoteRequest) (*valisev1.AddNoteResponse, error)
	Notes(context.Context, gateway.Actor, *valisev1.ListNotesRequest) (*valisev1.ListNotesResponse, error)
}

// maxNote is how many bytes the text of a note may have.
const maxNote = 20_000

func (s *inquiryService) AddNote(ctx context.Context, r *valisev1.AddNoteRequest) (*valisev1.AddNoteResponse, error) {
	return commit(ctx, r, checkAddNote, func(ctx context.Context, r *valisev1.AddNoteRequest) (*valisev1.AddNoteResponse, error) {
		return s.server.cfg.Gateway.AddNote(ctx, s.server.actor(ctx), r)
	})
}

// checkAddNote: a note may be of the desk as a whole, but what it is about stands in a thread, and
// only a thread is brought to higher officials. A-9a s2
func checkAddNote(r *valisev1.AddNoteRequest) error {
	if err := checkOptionalID("thread", r.GetThread()); err != nil {
		return err
	}
	if err := checkOptionalID("message", r.GetMessage()); err != nil {
		return err
	}
	switch n := len(r.GetText()); {
	case n == 0 || n > maxNote:
		return refuseField("text", fmt.Sprintf("has %d bytes: want 1 to %d", n, maxNote))
	case r.GetThread() == "" && r.GetMessage() != "":
		return refuseField("thread", "is missing: say in which thread the message stands")
	case r.GetThread() == "" && r.GetType() == valisev1.NoteType_NOTE_TYPE_ESCALATION:
		return refuseField("thread", "is missing: say which thread is brought to higher officials")
	}
	return checkRequestID(r.GetRequestId())
}

func (s *inquiryService) ListNotes(ctx context.Context, r *valisev1.ListNotesRequest) (*valisev1.ListNotesResponse, error) {
	if err := checkOptionalID("thread", r.GetThread()); err != nil {
		return nil, err
	}
	filter := &valisev1.ListNotesRequest{Thread: r.GetThread(), Types: r.GetTypes()}
	size, err := pageSize(r)
	if err != nil {
		return nil, err
	}
	place, err := openPage("notes", filter, r.GetPageToken())
	if err != nil {
		return nil, err
	}
	out, err := s.server.cfg.Gateway.Notes(ctx, s.server.actor(ctx), &valisev1.ListNotesRequest{
		PageSize: size, PageToken: place, Thread: r.GetThread(), Types: r.GetTypes(),
	})
	if err != nil {
		return nil, err
	}
	out.NextPageToken, err = sealPage("notes", filter, out.GetNextPageToken())
	return out, err
}
