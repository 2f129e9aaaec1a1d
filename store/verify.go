package store

import (
	"context"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"

	valisev1 "valise.example/proto/valise/v1"
)

// None stands in Problem.Item and Problem.Leaf where the problem is not about one.
const None = math.MaxUint64

// Problem is one thing that Verify found. docs/protocol.md §9.2
type Problem struct {
	// Item is the number of the item, or None.
	Item uint64
	// Leaf is the number of the tree leaf, or None.
	Leaf uint64
	// Reason says what: REASON_RECORD_ITEM_CHANGED, _ITEM_MISSING, _ITEM_MOVED, _TRUNCATED,
	// _TREE_BROKEN, or REASON_RECORD_DAMAGED for a head, a key or a row of a state table.
	Reason valisev1.Reason
}

// Report is what Verify found.
type Report struct {
	// OK says that there is no problem.
	OK bool
	// Items is how many items stand in the record, pruned ones included.
	Items uint64
	// TreeSize and Root are the head as sealed in the file.
	TreeSize uint64
	Root     [32]byte
	// Problems in the order found, at most MaxProblems.
	Problems []Problem
	// More says that there are problems beyond those listed.
	More bool
}

// MaxProblems is how many problems a Report lists; a wholly broken record has no end of them.
const MaxProblems = 1000

// VerifyConfig says what to check beside the record itself.
type VerifyConfig struct {
	// Heads are heads of this record that are known from elsewhere: from paper, or opened
	// from receipts. The record must contain each, which finds a rollback of the whole file.
	Heads []Head
	// Item, if set, judges each item that verifies, for instance its signatures; what it
	// returns other than REASON_UNSPECIFIED becomes a problem of that item.
	Item func(*valisev1.Item) valisev1.Reason
	// Rest, if set, is called between two reads of Verify, when nothing of the record is held; it may
	// wait. Its error ends the look.
	Rest func(context.Context) error
}

// Verify checks the whole record while it is open, in many short reads, so that the node
// works on. What is recorded meanwhile may or may not be looked at. A damaged record is a
// report, not an error; errors are those of View. docs/protocol.md §9.2
func (s *Store) Verify(ctx context.Context, cfg VerifyConfig) (Report, error) {
	v := newVerifier(cfg)
	for !v.done {
		err := s.read(ctx, func(snap *snapshot) error {
			return contained(func() error { return v.step(snap.tx, snap.keys) })
		})
		if err != nil {
			return damagedReport(err)
		}
		if cfg.Rest == nil || v.done {
			continue
		}
		if err := cfg.Rest(ctx); err != nil {
			return Report{}, err
		}
	}
	return v.conclude(), nil
}

// VerifyFile checks the record at path while no node has it open (ErrInUse), in a child
// process, so that no damage to the file can harm this one. Errors are those of Open, except
// that damage is reported: a file that cannot be read at all gives one problem with
// REASON_RECORD_DAMAGED. cfg.Item is asked only where the record verifies.
func VerifyFile(ctx context.Context, path string, cfg Config, vc VerifyConfig) (Report, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return Report{}, err
	}
	if err := checkPermissions(path); err != nil {
		return Report{}, err
	}
	seen, err := peek(path)
	if err != nil {
		return damagedReport(err)
	}
	answer, err := runChild(ctx, childTask{
		Path: path, Verify: true, RecordKey: cfg.RecordKey[:], Realm: cfg.Realm, Heads: vc.Heads,
	})
	if err == nil {
		err = answer.err()
	}
	if err == nil && answer.Report == nil {
		err = &Damaged{What: "the process that read the file gave no report"}
	}
	if err != nil {
		return damagedReport(err)
	}
	report := *answer.Report
	if !seen.whole {
		report.OK = false
		report.Problems = append(report.Problems, Problem{Item: None, Leaf: None, Reason: valisev1.Reason_REASON_RECORD_DAMAGED})
	}
	if !report.OK || vc.Item == nil {
		return report, nil
	}
	return judgeItems(ctx, path, cfg, vc)
}

// judgeItems reads a record that a child found sound once more, to ask the caller.
func judgeItems(ctx context.Context, path string, cfg Config, vc VerifyConfig) (Report, error) {
	s, err := OpenReadOnly(path, cfg)
	if err != nil {
		return Report{}, err
	}
	defer s.Close()
	return s.Verify(ctx, vc)
}

// damagedReport turns damage into a report; other errors stay errors.
func damagedReport(err error) (Report, error) {
	if !isDamage(err) {
		return Report{}, err
	}
	return Report{Problems: []Problem{{Item: None, Leaf: None, Reason: valisev1.Reason_REASON_RECORD_DAMAGED}}}, nil
}

// verifyClosed runs in the child. It may crash.
func verifyClosed(path string, cfg Config, vc VerifyConfig) (Report, error) {
	db, err := openBolt(path, true)
	if err != nil {
		return Report{}, err
	}
	defer db.Close()
	v := newVerifier(vc)
	err = db.View(func(tx *bolt.Tx) error {
		if err := firstPageError(tx); err != nil {
			return err
		}
		keys, err := v.openKeys(tx, cfg)
		for err == nil && !v.done {
			err = v.step(tx, keys)
		}
		return err
	})
	return v.conclude(), err
}

// firstPageError lets bbolt check its pages, before anything is read from them.
func firstPageError(tx *bolt.Tx) (found error) {
	for err := range tx.Check() {
		if found == nil {
			found = &Damaged{What: "its pages", Err: err}
		}
	}
	return found
}

func (v *verifier) note(item, leaf uint64, reason valisev1.Reason) {
	if len(v.report.Problems) >= MaxProblems {
		v.report.More = true
		return
	}
	v.report.Problems = append(v.report.Problems, Problem{Item: item, Leaf: leaf, Reason: reason})
}

// broken notes damage that is not about an item.
func (v *verifier) broken() { v.note(None, None, valisev1.Reason_REASON_RECORD_DAMAGED) }

// conclude closes the report.
func (v *verifier) conclude() Report {
	r := v.report
	slices.SortStableFunc(r.Problems, func(a, b Problem) int {
		switch {
		case a.Item < b.Item:
			return -1
		case a.Item > b.Item:
			return 1
		}
		return 0
	})
	r.OK = v.done && len(r.Problems) == 0
	return r
}
