package directory

import valisev1 "valise.example/proto/valise/v1"

// Attendance is what people write down before a ceremony, and of it.
type Attendance struct {
	Attendants []Attendant `toml:"attendant"`
	Deviations []Deviation `toml:"deviation"`
}

// ParseAttendance reads a TOML file strictly. The error is a *Refusal with BAD_DRAFT, BAD_TEXT or
// TOO_LARGE.
func ParseAttendance(b []byte) (Attendance, error) {
	var a Attendance
	if len(b) > maxFactsSize {
		return a, aboutTranscript.refuse(valisev1.Reason_REASON_TOO_LARGE, "%d bytes, at most %d are read", len(b), maxFactsSize)
	}
	if err := decodeStrict(b, &a); err != nil {
		return a, aboutTranscript.refuse(valisev1.Reason_REASON_BAD_DRAFT, "%w", err)
	}
	return a, CheckAttendance(a.Attendants, a.Deviations)
}

// Missing says in words whom a ceremony in operation lacks; empty where somebody has each role and no
// custodian is the only witness of themselves.
func (a Attendance) Missing() string {
	custodians, roles, witnesses := map[string]bool{}, map[string]bool{}, 0
	for _, p := range a.Attendants {
		roles[p.Role] = true
		if p.Role == "custodian" {
			custodians[p.Name] = true
		}
	}
	for _, role := range []string{"custodian", "reader", "witness"} {
		if !roles[role] {
			return "nobody is named as " + role
		}
	}
	for _, p := range a.Attendants {
		if p.Role == "witness" && !custodians[p.Name] {
			witnesses++
		}
	}
	if witnesses == 0 {
		return "the only witness is a custodian"
	}
	return ""
}
