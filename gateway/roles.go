package gateway

import (
	"slices"
	"strings"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Actor is the officer who acts, as the operator's door knows them. A-9 s4
type Actor struct {
	// Name is the short name, unique on this node.
	Name string
	// Roles are what they may do.
	Roles []valisev1.Role
	// ShownAs is the name that peers read, empty where the State does not wish it.
	ShownAs string
	// Tracks of ours on which they act and read; none: all. A-9 s2
	Tracks []ident.Track
}

// Roles by act. A State decides for itself who does what (A-9 s4); what stands here keeps one
// person from acting in a role that nobody gave them. node_admin sees no content.
var (
	maySend    = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER}
	mayRelease = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}
	mayClear   = []valisev1.Role{valisev1.Role_ROLE_CLEARER}
	mayLog     = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER}
	mayRetract = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER, valisev1.Role_ROLE_CLEARER}
	mayRead    = []valisev1.Role{
		valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER, valisev1.Role_ROLE_CLEARER, valisev1.Role_ROLE_RECORD_KEEPER,
	}
	mayReadRecord = []valisev1.Role{valisev1.Role_ROLE_RECORD_KEEPER}
	mayNote       = mayRead
	mayLink       = maySend
	mayOpen       = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER, valisev1.Role_ROLE_CLEARER}
	mayExport     = mayReadRecord
	mayPrune      = mayReadRecord
)

// as finds the first of the roles that the actor has, or refuses. A-9 s4
func (a Actor) as(roles []valisev1.Role) (valisev1.Role, error) {
	if a.Name == "" {
		return 0, refuse(valisev1.Reason_REASON_NOT_PERMITTED, "nobody is known to act")
	}
	for _, r := range roles {
		if slices.Contains(a.Roles, r) {
			return r, nil
		}
	}
	return 0, refuse(valisev1.Reason_REASON_NOT_PERMITTED, "this needs the role %s", roleNames(roles))
}

func (a Actor) has(r valisev1.Role) bool { return slices.Contains(a.Roles, r) }

// roleName is a role as it stands in items and messages: "duty_officer".
func roleName(r valisev1.Role) string {
	return strings.ToLower(strings.TrimPrefix(r.String(), "ROLE_"))
}

func roleNames(roles []valisev1.Role) string {
	var out []string
	for _, r := range roles {
		out = append(out, roleName(r))
	}
	return strings.Join(out, " or ")
}

// needsSecond says whether a second person must clear what was written in a role on a track:
// where the State wants four eyes, and always for one who may only draft. A-9 s4
func (c Config) needsSecond(track ident.Track, role string) bool {
	return c.FourEyes[track] || role == roleName(valisev1.Role_ROLE_DRAFTER)
}
