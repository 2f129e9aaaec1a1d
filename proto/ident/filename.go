package ident

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxFileName is how many bytes the name of an attachment may have. docs/protocol.md §6
const MaxFileName = 200

// maxMarks is how many combining marks may stand on one letter: the limit of Unicode's stream-safe
// text, which no word of any language reaches.
const maxMarks = 30

// FileNameFlaw says why s is not a plain file name on every system that an officer may use, in a
// sentence about "a file name"; "" when it is one. No folder, no drive, no name of a device, no
// character that turns or hides text, at most 200 bytes. docs/protocol.md §6
func FileNameFlaw(s string) string {
	switch {
	case s == "":
		return "a file name is empty"
	case len(s) > MaxFileName:
		return "a file name has more than 200 bytes"
	case !utf8.ValidString(s) || strings.ContainsFunc(s, hidesText) || marksInARow(s) > maxMarks:
		return "a file name holds characters that turn or hide text"
	case strings.ContainsAny(s, `/\`):
		return "a file name names a folder: attachments stand beside the draft"
	case strings.ContainsAny(s, `:*?"<>|`):
		return `a file name holds one of : * ? " < > |, which not every system can store`
	case strings.HasPrefix(s, "-") || strings.HasPrefix(s, " "):
		return "a file name begins with a hyphen or a blank"
	case strings.HasSuffix(s, ".") || strings.HasSuffix(s, " "):
		return "a file name ends in a dot or a blank"
	case isDevice(s):
		return "a file name is that of a device"
	}
	return ""
}

// SafeFileName makes any text into a name that FileNameFlaw finds nothing wrong with, by the same
// rules for whoever saves what a peer named. It is no path, whatever s was. docs/protocol.md §6
func SafeFileName(s string) string {
	marks := 0
	s = strings.Map(func(r rune) rune {
		if !isMark(r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return -1
		}
		if r == utf8.RuneError || hidesText(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, s)
	s = strings.TrimLeft(s, "- ")
	s = strings.TrimRight(shortened(s), ". ")
	if s == "" {
		return "attachment"
	}
	if isDevice(s) {
		s = "_" + s
	}
	return s
}

// shortened keeps the ending, by which people know what a file is. One byte stays free for what
// makes the name of a device harmless.
func shortened(s string) string {
	const most = MaxFileName - 1
	if len(s) <= most {
		return s
	}
	ending := ""
	if at := strings.LastIndexByte(s, '.'); at > 0 && len(s)-at <= 16 {
		ending = s[at:]
	}
	head := s[:most-len(ending)]
	for !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	return head + ending
}

// hidesText: control characters, line breaks, directions and what cannot be seen.
func hidesText(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0xfffe, r == 0xffff:
		return true
	case r == 0x2028, r == 0x2029, r == 0x200b, r == 0x200e, r == 0x200f, r == 0x61c, r == 0xfeff, r == 0x180e:
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r >= 0x2060 && r <= 0x2064 || r >= 0xe0000 && r <= 0xe007f
}

func isMark(r rune) bool { return unicode.In(r, unicode.Mn, unicode.Me) }

func marksInARow(s string) (most int) {
	marks := 0
	for _, r := range s {
		if !isMark(r) {
			marks = 0
			continue
		}
		marks++
		most = max(most, marks)
	}
	return most
}

// isDevice reports whether some systems open a device under this name, whatever its extension.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	if port, ok := strings.CutPrefix(base, "COM"); ok {
		return isPort(port)
	}
	port, ok := strings.CutPrefix(base, "LPT")
	return ok && isPort(port)
}

func isPort(s string) bool {
	return len(s) > 0 && utf8.RuneCountInString(s) == 1 && strings.ContainsAny(s, "0123456789¹²³")
}
