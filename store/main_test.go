package store

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	MaybeCheckChild()
	goleak.VerifyTestMain(m)
}
