package console

import (
	"html/template"
	"strings"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// heading says who did what, in words.
func (s *sayer) heading(m *valisev1.MessageView) template.HTML {
	switch {
	case m.GetNote() != nil:
		return s.say(s.noteHeading(m.GetNote().GetType()))
	case m.GetContactLog().GetInbound():
		return s.say(s.f.T.Reading.ContactIn, "state", s.f.State(s.x.peer))
	case m.GetContactLog() != nil:
		return s.say(s.f.T.Reading.ContactOut, "state", s.f.State(s.x.peer))
	case m.GetRefused() != 0 && !m.GetOutbound():
		return s.say(s.f.Vocabulary().Theirs.Refused, "state", s.f.State(s.x.peer))
	}
	if text, ok := s.exercise(m.GetKind()); ok {
		return s.say(text)
	}
	kind := strings.TrimPrefix(lower(m.GetKind().String()), "kind_")
	if m.GetOutbound() {
		text, ok := s.f.Vocabulary().Ours.Of(kind)
		if !ok {
			text = s.f.Vocabulary().Ours.UnknownKind
		}
		return s.say(text)
	}
	text, ok := s.f.Vocabulary().Theirs.Of(kind)
	if !ok || kind == "refused" {
		text = s.f.Vocabulary().Theirs.UnknownKind
	}
	return s.say(text, "state", s.f.State(s.x.peer))
}

func (s *sayer) exercise(k valisev1.Kind) (locale.Text, bool) {
	switch k {
	case valisev1.Kind_KIND_EXERCISE_CONTROL:
		return s.f.T.Reading.ExerciseControl, true
	case valisev1.Kind_KIND_EXERCISE_INJECT:
		return s.f.T.Reading.ExerciseInject, true
	case valisev1.Kind_KIND_EXERCISE_OBSERVATION:
		return s.f.T.Reading.ExerciseObservation, true
	}
	return locale.Text{}, false
}

func (s *sayer) noteHeading(t valisev1.NoteType) locale.Text {
	switch t {
	case valisev1.NoteType_NOTE_TYPE_COORDINATION:
		return s.f.T.Reading.NoteCoordination
	case valisev1.NoteType_NOTE_TYPE_HAND_OVER:
		return s.f.T.Reading.NoteHandOver
	case valisev1.NoteType_NOTE_TYPE_LEGAL_BASIS:
		return s.f.T.Reading.NoteLegalBasis
	case valisev1.NoteType_NOTE_TYPE_ESCALATION:
		return s.f.T.Reading.NoteEscalation
	}
	return s.f.T.Reading.NotePlain
}

// roleWords is a role of ours in words, and any other as it was said.
func (f *frame) roleWords(role string) template.HTML {
	if text, ok := f.T.Value.Of("role_" + lower(role)); ok {
		return f.words(text)
	}
	return peerText(role)
}
