package main

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

func attachmentObjects(list []*valisev1.AttachmentView) []object {
	out := []object{}
	for _, a := range list {
		out = append(out, object{
			"index": a.GetIndex(), "name": a.GetName(), "save_as": a.GetSaveAs(), "size": a.GetSize(), "sha256": a.GetSha256(),
			"parts": a.GetParts(), "arrived": a.GetArrived(), "state": attachmentState(a.GetState()), "reason": reasonOrNull(a.GetReason()),
			"media_type": a.GetMediaType(), "tlp": labelOrNull(a.GetTlp()), "pap": labelOrNull(a.GetPap()),
		})
	}
	return out
}

// attachmentState is null before the message is released.
func attachmentState(s valisev1.AttachmentState) any {
	if s == valisev1.AttachmentState_ATTACHMENT_STATE_UNSPECIFIED {
		return nil
	}
	return lowerName(s.String(), "ATTACHMENT_STATE_")
}

// attachmentLines say how far each file is; a name is a peer's word and is shown, never followed.
func attachmentLines(s speech, m *valisev1.MessageView) (lines []string) {
	for _, a := range m.GetAttachments() {
		line := s.say(s.Thread.Attachment, "index", fmt.Sprint(a.GetIndex()), "name", s.theirs(a.GetName()), "size", fmt.Sprint(a.GetSize()))
		facts := []string{
			"line", line, "arrived", fmt.Sprint(a.GetArrived()), "parts", fmt.Sprint(a.GetParts()),
			"state", s.word(s.AttachmentState, lowerName(a.GetState().String(), "ATTACHMENT_STATE_")),
		}
		switch a.GetState() {
		case valisev1.AttachmentState_ATTACHMENT_STATE_UNSPECIFIED:
		case valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE:
			line = s.say(s.Thread.Whole, facts...)
		case valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY:
			line = s.say(s.Thread.Parts, facts...)
		default:
			line = s.say(s.Thread.PartsState, facts...)
		}
		lines = append(lines, s.under(line)...)
		if a.GetMediaType() != "" {
			lines = append(lines, "        "+s.line(s.say(s.Thread.SaidToBe, "type", s.theirs(a.GetMediaType())))) // a claim, never looked into
		}
		for _, label := range []any{labelOrNull(a.GetTlp()), labelOrNull(a.GetPap())} {
			if label != nil {
				lines = append(lines, fmt.Sprintf("        %s", label))
			}
		}
	}
	return lines
}

// labelOrNull is a label in its exact words; null where the attachment has none of its own and that of
// the message holds. A-11 s2
func labelOrNull(label protoreflect.Enum) any {
	if label.Number() == 0 {
		return nil
	}
	return draft.EnumName(label)
}
