package main

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

// notesOf are the notes that a message carries; nobody can send it without them. A-10 s4, s5
func notesOf(payload proto.Message) []*valisev1.NoteReference {
	carrying, ok := payload.(interface{ GetPreamble() *valisev1.Preamble })
	if !ok {
		return nil
	}
	return carrying.GetPreamble().GetNotes()
}

// noteText is the note in the reader's language; an unknown version is named, never left out.
func noteText(n *valisev1.NoteReference, lang string) string {
	if text, ok := notes.Text(n.GetId(), n.GetVersion(), orElse(lang, "en")); ok {
		return strings.TrimSpace(text)
	}
	return "a note of a later version of the protocol that this program has no text for"
}

func noteObjects(payload proto.Message, lang string) []object {
	list := []object{}
	for _, n := range notesOf(payload) {
		list = append(list, object{"id": n.GetId(), "version": n.GetVersion(), "text": noteText(n, lang)})
	}
	return list
}

// noteLines set the note under what it belongs to.
func noteLines(s speech, payload proto.Message) (lines []string) {
	for _, n := range notesOf(payload) {
		lines = append(lines, indent(s.line(noteText(n, s.l.String()))))
	}
	return lines
}

// notesToCome are the notes that a kind will carry, for the check page.
func notesToCome(kind valisev1.Kind, lang string) (lines []string) {
	for _, n := range notes.References(kind) {
		lines = append(lines, noteText(n, lang))
	}
	return lines
}
