package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

func Example() {
	home, err := os.MkdirTemp("", "valise-") // 0700
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	ctx := context.Background()
	cfg := store.Config{RecordKey: [32]byte{1}, Realm: ident.Operational}
	record, err := store.Create(filepath.Join(home, "record.db"), cfg)
	if err != nil {
		panic(err)
	}
	defer record.Close()

	err = record.Update(ctx, func(tx store.Tx) error {
		number, err := tx.Append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_NOTE, Note: "called back"})
		if err != nil {
			return err
		}
		return tx.PutRow("threads", []byte("thread 1"), number, nil)
	})
	fmt.Println("durable:", err == nil)

	head, _ := record.Head(ctx)
	proof, _ := record.ProveItem(ctx, 0, head.Size)
	report, _ := record.Verify(ctx, store.VerifyConfig{Heads: []store.Head{head}})
	fmt.Println("items:", head.Size, "proven:", proof.Check() == nil, "verified:", report.OK)
	// Output:
	// durable: true
	// items: 1 proven: true verified: true
}
