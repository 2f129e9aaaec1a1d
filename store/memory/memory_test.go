package memory_test

import (
	"context"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"valise.example/store"
	"valise.example/store/memory"
	"valise.example/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Record { return memory.New(storetest.Now) })
}

func Example() {
	r := memory.New(nil)
	defer r.Close()
	err := r.Update(context.Background(), func(tx store.Tx) error {
		return tx.Put("threads", []byte("a"), []byte("open"))
	})
	_ = r.View(context.Background(), func(tx store.Tx) error {
		v, err := tx.Get("threads", []byte("a"))
		fmt.Println(string(v), err)
		return err
	})
	fmt.Println(err)
	// Output:
	// open <nil>
	// <nil>
}
