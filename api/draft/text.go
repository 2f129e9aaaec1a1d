package draft

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
	valisev1 "valise.example/proto/valise/v1"
)

// maxMarks is how many combining marks may stand on one letter: the limit of Unicode's
// stream-safe text format, beyond which no written language goes.
const maxMarks = 30

// paragraphs are the fields that hold running text: lines may break there, and bidirectional
// marks are part of honest Arabic or Hebrew text. Every other text is one line.
var paragraphs = map[protoreflect.FullName]bool{
	"valise.v1.Preamble.handling_note":         true,
	"valise.v1.Translation.text":               true,
	"valise.v1.TextFact.value":                 true,
	"valise.v1.TimeSensitivity.reason":         true,
	"valise.v1.Inquiry.narrative":              true,
	"valise.v1.Inquiry.questions":              true,
	"valise.v1.Inquiry.first_contact":          true,
	"valise.v1.Acknowledgement.text":           true,
	"valise.v1.HoldingReply.text":              true,
	"valise.v1.RevisedEstimate.reason":         true,
	"valise.v1.Answer.text":                    true,
	"valise.v1.Response.narrative":             true,
	"valise.v1.Response.actions_taken":         true,
	"valise.v1.Response.reason":                true,
	"valise.v1.ChannelProposal.text":           true,
	"valise.v1.ChannelAnswer.text":             true,
	"valise.v1.AgencyNomination.text":          true,
	"valise.v1.ClarificationRequest.questions": true,
	"valise.v1.ClarificationRequest.text":      true,
	"valise.v1.Supplement.narrative":           true,
	"valise.v1.Correction.text":                true,
	"valise.v1.Retraction.reason":              true,
	"valise.v1.Referral.text":                  true,
	"valise.v1.VoluntaryNotice.narrative":      true,
	"valise.v1.ConsentRequest.purpose":         true,
	"valise.v1.ConsentRequest.conditions":      true,
	"valise.v1.ConsentDecision.conditions":     true,
	"valise.v1.ConsentWithdrawal.reason":       true,
	"valise.v1.Closure.text":                   true,
	"valise.v1.Reopen.text":                    true,
	"valise.v1.PingReply.text":                 true,
	"valise.v1.TransparencyShare.text":         true,
	"valise.v1.TermView.text":                  true,
	"valise.v1.ContactLog.note":                true,
	"valise.v1.RetractMessageRequest.reason":   true,
	"valise.v1.SendBackMessageRequest.note":    true,
	"valise.v1.AddNoteRequest.text":            true,
	"valise.v1.SettleQuestionRequest.note":     true,
}

// CheckLine refuses text that is not one line of UTF-8: control characters, line breaks, and
// characters that turn or hide what a reader sees. The error is always *Error with
// REASON_BAD_TEXT and never repeats the text.
func CheckLine(s string) error { return checkText(s, false) }

// CheckParagraphs refuses text that is not UTF-8 or holds control characters other than a line
// break or a tab. The error is always *Error with REASON_BAD_TEXT.
func CheckParagraphs(s string) error { return checkText(s, true) }

func checkText(s string, paragraph bool) error {
	if !utf8.ValidString(s) {
		return refuse(valisev1.Reason_REASON_BAD_TEXT, "is not UTF-8")
	}
	marks := 0
	for _, r := range s {
		if what := checkRune(r, paragraph); what != "" {
			e := flawed(FlawCharacter, valisev1.Reason_REASON_BAD_TEXT, "holds %s U+%04X", what, r)
			e.Character = r
			return e
		}
		if unicode.In(r, unicode.Mn, unicode.Me) {
			marks++
		} else {
			marks = 0
		}
		if marks > maxMarks {
			return refuse(valisev1.Reason_REASON_BAD_TEXT, "holds more than %d combining marks in a row", maxMarks)
		}
	}
	return nil
}

// checkRune names what is wrong with r; "" when nothing is.
func checkRune(r rune, paragraph bool) string {
	switch {
	case paragraph && (r == '\n' || r == '\t'):
		return ""
	case r == '\n' || r == '\r':
		return "a line break"
	case r < 0x20 || r >= 0x7f && r <= 0x9f:
		return "the control character"
	case r == 0xfffe || r == 0xffff:
		return "the noncharacter"
	case paragraph:
		return ""
	case r == 0x2028 || r == 0x2029:
		return "a line break"
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return "the direction control"
	case r == 0x200b, r >= 0x2060 && r <= 0x2064, r == 0xfeff, r == 0x180e, r >= 0xe0000 && r <= 0xe007f:
		return "the invisible character"
	}
	return ""
}

// checkSource refuses bytes that no draft may hold, before TOML is read: the line is known here
// and nowhere later. Escapes inside strings are checked with the text they make.
func checkSource(s string) error {
	line := 1
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return &Error{Line: line, Reason: valisev1.Reason_REASON_BAD_TEXT, Detail: "is not UTF-8"}
		}
		if what := checkRune(r, true); what != "" {
			return &Error{
				Line: line, Reason: valisev1.Reason_REASON_BAD_TEXT, Detail: fmt.Sprintf("holds %s U+%04X", what, r),
				Flaw: FlawCharacter, Character: r,
			}
		}
		if r == '\n' {
			line++
		}
		i += n
	}
	return nil
}
