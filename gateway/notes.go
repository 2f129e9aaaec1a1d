package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// AddNote records a note at home. Nothing of it is ever sent. A-9 s3
func (g *Gateway) AddNote(_ context.Context, a Actor, _ *valisev1.AddNoteRequest) (*valisev1.AddNoteResponse, error) {
	return nil, reserved("add note", a, mayNote)
}

// Notes lists notes at home, newest first. A-9 s3
func (g *Gateway) Notes(_ context.Context, a Actor, _ *valisev1.ListNotesRequest) (*valisev1.ListNotesResponse, error) {
	return nil, reserved("list notes", a, mayNote)
}
