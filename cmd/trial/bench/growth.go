package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

const (
	smallRecord = 1_000
	// fillSigned is about a fifth of what an item of a message holds, so that the large record
	// fits on small disks. What grows is the trees, and they have as many entries.
	fillSigned = 1024
	// fillRows is how many rows of the tables go with an item: each message of a record leaves
	// about three, somewhere in a tree that is ordered by keyed hashes.
	fillRows = 3
)

// measureGrowth: the same load on records of very different sizes. The large ones are filled
// through the store, at both States, in the form in which the product keeps its own.
func measureGrowth(ctx context.Context, b *bench) (rows []row, err error) {
	all := map[string]world{}
	defer func() {
		for _, w := range all {
			err = errors.Join(err, w.end())
		}
	}()
	for name, items := range map[string]int{"small": smallRecord, "large": b.size.fill} {
		s, err := newSite(ctx, filepath.Join(b.dir, name))
		if err != nil {
			return nil, err
		}
		for _, state := range s.States {
			if err := fill(ctx, s.Lab, state, items); err != nil {
				return nil, errors.Join(err, s.relay.stop())
			}
		}
		p, err := newProduct(ctx, s.Lab, true)
		if err != nil {
			return nil, errors.Join(err, s.relay.stop())
		}
		all[name] = world{way: p, site: s}
		if _, err := manySenders(ctx, p, 4, 40); err != nil {
			return nil, err
		}
	}
	spent := map[string][]float64{}
	cost := func(name string) leg {
		return leg{name, func(ctx context.Context) (float64, error) {
			began := cpuTime()
			p50, err := oneAtATime(ctx, all[name].way, b.size.lone)
			spent[name] = append(spent[name], float64(cpuTime()-began)/1e6/float64(b.size.lone))
			return float64(p50) / 1e6, err
		}}
	}
	r, err := takeTurns(ctx, b.dir, b.size.rounds, cost("small"), cost("large"))
	if err != nil {
		return nil, err
	}
	return []row{atMost(fmt.Sprintf("p50 of a message at %d items ÷ at %d", b.size.fill, smallRecord), 1.25, r.ratio("large", "small"), " ×",
		fmt.Sprintf("%.2f ms against %.2f ms", r.median("large"), r.median("small")),
		fmt.Sprintf("CPU a message %.2f ms against %.2f ms", median(spent["large"]), median(spent["small"])), r.mood())}, nil
}

// fill writes items and rows into a home's record, many in a commit.
func fill(ctx context.Context, l *lab.Lab, state ident.State, items int) (err error) {
	var key [32]byte
	secret, err := seal.ReadSecret(filepath.Join(l.Home(state), "keys", "record.key"), l.Realm, "record", nil)
	if err != nil {
		return err
	}
	copy(key[:], secret)
	s, err := store.Open(filepath.Join(l.Home(state), "record.db"), store.Config{
		RecordKey: key, Realm: l.Realm, Now: time.Now, Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	const atOnce = 2_000
	for done := 0; done < items; done += atOnce {
		if err := s.Update(ctx, func(tx store.Tx) error { return fillSome(tx, min(atOnce, items-done)) }); err != nil {
			return err
		}
	}
	return nil
}

func fillSome(tx store.Tx, count int) error {
	for range count {
		signed := make([]byte, fillSigned)
		if _, err := rand.Read(signed); err != nil {
			return err
		}
		number, err := tx.Append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_NODE, Note: "filled by a bench", Evidence: signed})
		if err != nil {
			return err
		}
		for i := range uint64(fillRows) {
			if err := tx.Put("bench-fill", binary.BigEndian.AppendUint64(nil, number*fillRows+i), signed[:96]); err != nil {
				return err
			}
		}
	}
	return nil
}
