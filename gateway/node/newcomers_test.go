package node

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// TestNewcomers: for a week everybody learns that somebody can read now who could not before.
func TestNewcomers(t *testing.T) {
	now := time.Date(2031, 5, 4, 9, 0, 0, 0, time.UTC)
	officer := func(role valisev1.Role, age time.Duration) *valisev1.Officer {
		return &valisev1.Officer{Name: "ada", Roles: []valisev1.Role{role}, Added: timestamppb.New(now.Add(-age))}
	}
	for name, c := range map[string]struct {
		officers []*valisev1.Officer
		told     bool
	}{
		"nobody":                                   {nil, false},
		"whoever made the home":                    {[]*valisev1.Officer{{Name: "ada", Roles: []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}}}, false},
		"one who keeps the record":                 {[]*valisev1.Officer{officer(valisev1.Role_ROLE_RECORD_KEEPER, time.Hour)}, true},
		"one who reads, a week ago":                {[]*valisev1.Officer{officer(valisev1.Role_ROLE_DUTY_OFFICER, newcomerWarning)}, false},
		"one who reads, by a clock that was ahead": {[]*valisev1.Officer{officer(valisev1.Role_ROLE_CLEARER, -time.Hour)}, true},
		"one who only runs the node":               {[]*valisev1.Officer{officer(valisev1.Role_ROLE_NODE_ADMIN, time.Hour)}, false},
		"one after another": {[]*valisev1.Officer{
			officer(valisev1.Role_ROLE_DRAFTER, 30*24*time.Hour), officer(valisev1.Role_ROLE_DRAFTER, 24*time.Hour),
		}, true},
	} {
		if got := newcomers(c.officers, now); (len(got) == 1) != c.told {
			t.Errorf("%s: %v", name, got)
		}
	}
}
