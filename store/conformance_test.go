package store_test

import (
	"testing"

	"valise.example/store"
	"valise.example/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Record {
		s, err := store.Create(storetest.Path(t), storetest.Config())
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
