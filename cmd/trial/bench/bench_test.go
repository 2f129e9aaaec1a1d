package main

import (
	"strings"
	"testing"
	"time"
)

func TestWrongMeasuresAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-size", "huge"}, {"-only", "luck"}, {"-unknown"}} {
		var out strings.Builder
		if err := run(t.Context(), args, &out); err == nil || out.Len() > 0 {
			t.Errorf("%q: %v, and it printed %q", args, err, out.String())
		}
	}
}

// A round on a disk that was three times as slow as at its best tells nothing.
func TestARoundOnASlowDiskIsVoid(t *testing.T) {
	syncs := []time.Duration{10 * time.Microsecond, 31 * time.Microsecond, 30 * time.Microsecond, 12 * time.Microsecond}
	for i, want := range []bool{false, true, false, false} {
		if got := isVoid(syncs, i); got != want {
			t.Errorf("round %d: void %v, want %v", i, got, want)
		}
	}
}
