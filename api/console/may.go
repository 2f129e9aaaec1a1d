package console

import (
	"html/template"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// pageRows is how many lines of a list one page shows.
const pageRows = 50

// Who may use what, so that a page offers nothing that the node refuses. The node alone decides. A-9 s4
var (
	readers  = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER, valisev1.Role_ROLE_CLEARER, valisev1.Role_ROLE_RECORD_KEEPER}
	writers  = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER}
	checkers = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}
	callers  = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_NODE_ADMIN}
	keepers  = []valisev1.Role{valisev1.Role_ROLE_RECORD_KEEPER}
)

// Reads reports whether this officer sees what was said.
func (f *frame) Reads() bool { return f.v.c.has(readers...) }

// Writes reports whether this officer writes for the desk.
func (f *frame) Writes() bool { return f.v.c.has(writers...) }

// Checks reports whether this officer begins communication checks. A-8 s2
func (f *frame) Checks() bool { return f.v.c.has(checkers...) }

// Calls reports whether this officer calls back about a root. docs/protocol.md §8.5
func (f *frame) Calls() bool { return f.v.c.has(callers...) }

// Keeps reports whether this officer keeps the record. A-11 s3
func (f *frame) Keeps() bool { return f.v.c.has(keepers...) }

// ForKeepers says who may do what only keepers of the record may.
func (f *frame) ForKeepers() (template.HTML, error) {
	return f.Say(f.T.Roles.WhoMay, "roles", f.T.Roles.RecordKeeper)
}

// ForReaders says who may see what was said.
func (f *frame) ForReaders() (template.HTML, error) {
	return f.Say(f.T.Roles.WhoMay, "roles", f.roles(readers))
}

// roles are several roles in words.
func (f *frame) roles(all []valisev1.Role) (words template.HTML) {
	for _, r := range all {
		if words != "" {
			words += " · "
		}
		words += valueOf(f.role(r))
	}
	return words
}

func (f *frame) role(r valisev1.Role) locale.Text {
	t := f.T.Roles
	switch r {
	case valisev1.Role_ROLE_DUTY_OFFICER:
		return t.DutyOfficer
	case valisev1.Role_ROLE_DRAFTER:
		return t.Drafter
	case valisev1.Role_ROLE_CLEARER:
		return t.Clearer
	case valisev1.Role_ROLE_RECORD_KEEPER:
		return t.RecordKeeper
	case valisev1.Role_ROLE_NODE_ADMIN:
		return t.NodeAdmin
	case valisev1.Role_ROLE_EXERCISE_CONTROLLER:
		return t.ExerciseController
	}
	return locale.Text{}
}

// home is the desk, and for whoever sees nothing of it how the node does.
func (v *visit) home() error {
	if !v.c.has(readers...) {
		return v.node()
	}
	return v.desk()
}
