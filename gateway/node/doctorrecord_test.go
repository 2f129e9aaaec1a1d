package node

import (
	"strings"
	"testing"
	"time"

	"valise.example/store"
)

// TestDoctorOnARecordNobodyLookedAt: what could not be checked is not called damaged, and nobody is told
// to put a backup in its place. P6
func TestDoctorOnARecordNobodyLookedAt(t *testing.T) {
	for _, c := range []struct {
		err       error
		level     Level
		integrity bool
		fix       string
	}{
		{store.ErrUnchecked, Warn, false, "try again"},
		{&store.Damaged{What: "a page"}, Bad, true, "restore the home"},
	} {
		d := &doctor{config: DoctorConfig{Now: time.Now}}
		d.recordBroken(c.err)
		if f := d.found[0]; f.Level != c.level || f.Integrity != c.integrity || !strings.Contains(f.Fix, c.fix) {
			t.Errorf("%v: %+v", c.err, f)
		}
	}
}
