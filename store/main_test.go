package store_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"valise.example/store"
)

// roles are what the test binary does when a test starts it again as another process.
var roles = map[string]func(path string){}

const (
	roleVariable = "VALISE_STORE_TEST_ROLE"
	pathVariable = "VALISE_STORE_TEST_PATH"
)

func TestMain(m *testing.M) {
	store.MaybeCheckChild()
	if role, ok := roles[os.Getenv(roleVariable)]; ok {
		role(os.Getenv(pathVariable))
		return
	}
	goleak.VerifyTestMain(m)
}
