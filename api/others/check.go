package others

import (
	"crypto/sha256"
	"fmt"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// IsID reports whether s can be the short name of another directory.
func IsID(s string) bool { return identifier.MatchString(s) }

// Check holds a directory of another body to every rule that Read has, whoever made it: the node does so
// before it keeps one, and whenever one is read from disk. The error is a *draft.Error with BAD_IMPORT,
// BAD_TEXT, BAD_REQUEST or WRONG_REALM. A-12
func Check(d *valisev1.OtherDirectory, realm ident.Realm) error {
	if err := draft.Check(d); err != nil {
		return err
	}
	switch {
	case !IsID(d.GetId()) || d.GetName() == "":
		return bad("it has no id, or no name")
	case len(d.GetTableHash()) != sha256.Size || len(d.GetMappingHash()) != sha256.Size:
		return bad("it does not say from which file it was read")
	case len(d.GetContacts()) == 0:
		return bad("it has no contact")
	case proto.Size(d) > maxDirectory+1000:
		return bad("it has more than %d bytes", maxDirectory)
	}
	members := map[string]bool{}
	for _, code := range d.GetMembers() {
		if err := checkState(code, realm); err != nil {
			return located("members", err)
		}
		if members[code] {
			return bad("members names a State twice")
		}
		members[code] = true
	}
	row, perState := uint32(0), map[string]int{}
	for _, c := range d.GetContacts() {
		perState[c.GetState()]++
		if c.GetRow() <= row || perState[c.GetState()] > maxPerState {
			return bad("row %d does not follow row %d, or its State has more than %d contacts", c.GetRow(), row, maxPerState)
		}
		row = c.GetRow()
		if err := checkContact(c, realm); err != nil {
			return located(fmt.Sprintf("row %d", row), err)
		}
	}
	return nil
}

func bad(format string, args ...any) error {
	return &draft.Error{Reason: valisev1.Reason_REASON_BAD_IMPORT, Detail: fmt.Sprintf(format, args...)}
}

func checkContact(c *valisev1.OtherContact, realm ident.Realm) error {
	if err := checkState(c.GetState(), realm); err != nil {
		return err
	}
	if t := c.GetTrack(); t != "" && t != ident.Diplomatic.String() && t != ident.Technical.String() {
		return bad("its track is neither diplomatic nor technical")
	}
	for _, number := range c.GetTelephones() {
		if !e164.MatchString(number) {
			return bad("a telephone number is not in E.164")
		}
	}
	for _, address := range c.GetEmails() {
		if _, err := email(address); err != nil {
			return bad("an email address has no form of one")
		}
	}
	if saysNothing(c) {
		return bad("it says nothing")
	}
	return nil
}
