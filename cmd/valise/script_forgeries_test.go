package main

import (
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// forgeries each change one thing of the list that would come next. The lab has XA and XB, and XC has left.
var forgeries = map[string]func(*forgery){
	"honest": func(*forgery) {},
	// 46
	"fork": func(f *forgery) { f.list.Number--; f.list.History = f.list.GetHistory()[1:] },
	// 47
	"expired": func(f *forgery) {
		f.list.Issued, f.list.Expires = timestamppb.New(time.Now().AddDate(0, -2, 0)), timestamppb.New(time.Now().AddDate(0, -1, 0))
	},
	// 48
	"future": func(f *forgery) {
		f.list.Number += 1000
		for len(f.list.GetHistory()) < 512 {
			f.list.History = append(f.list.History, make([]byte, 32))
		}
	},
	// 49
	"one key twice": func(f *forgery) {
		f.newSet(2, f.signers, f.signers[0], f.signers[0])
	},
	"one signs twice": func(f *forgery) {
		f.newSet(2, append(f.signers, f.stranger()), f.signers[0], f.stranger())
		f.after = func(b *valisev1.ImportBundle) {
			b.List.Signatures = append(b.List.Signatures, b.List.Signatures[0])
		}
	},
	"threshold 0": func(f *forgery) { f.newSet(0, f.signers, f.signers[0]) },
	// 50
	"other managers": func(f *forgery) {
		f.signers = []*seal.SigningKey{f.stranger()}
		f.newSet(1, f.signers, f.signers[0])
	},
	"other manager": func(f *forgery) { f.signers = []*seal.SigningKey{f.stranger()} },
	// 51
	"back again": func(f *forgery) {
		left := f.list.GetTombstones()[0]
		root := f.key("directory/roots/" + left.GetState() + "/root.key").Public().ID(f.realm)
		f.list.Members = append(f.list.Members, &valisev1.Membership{State: left.GetState(), Root: root[:], EntryNumber: left.GetEntryNumber(), EntryHash: make([]byte, 32)})
	},
	"tombstone gone": func(f *forgery) { f.list.Tombstones = nil },
	// 52
	"one key for two": func(f *forgery) {
		f.entries["XB"].Number++
		f.entries["XB"].GetPointsOfContact()[0].SigningKeys = f.entries["XA"].GetPointsOfContact()[0].GetSigningKeys()
		f.enrol()
	},
	"one mailbox for two": func(f *forgery) {
		f.bundles["XB/technical"].Number++
		f.bundles["XB/technical"].Mailbox = f.bundles["XA/technical"].GetMailbox()
	},
	// 53
	"number twice":  func(f *forgery) { f.object = func(b []byte) []byte { return append(b, 0x10, 0x7f) } },
	"trailing data": func(f *forgery) { f.object = func(b []byte) []byte { return append(b, 0xff) } },
	// 54
	"an earlier entry": func(f *forgery) {
		f.entries["XB"].Number++
		f.enrol()
		f.entries["XB"].Number--
	},
	// 55
	"no validity":       func(f *forgery) { f.list.Expires = f.list.GetIssued() },
	"negative validity": func(f *forgery) { f.list.Expires = timestamppb.New(time.Now().AddDate(-1, 0, 0)) },
	"a long bundle": func(f *forgery) {
		b := f.bundles["XB/technical"]
		b.Number++
		b.Expires = timestamppb.New(b.GetIssued().AsTime().AddDate(0, 0, 46))
	},
	"another purpose": func(f *forgery) { f.purpose = seal.PurposeEntry },
	"another realm":   func(f *forgery) { f.list.Realm = "operational" },
	"another desk": func(f *forgery) {
		f.bundles["XB/technical"].Number++
		f.desks["XB/technical"] = f.desks["XB/diplomatic"]
	},
}

// refusedFile has a running node refuse a forged file, and what it has in force stays:
// refusedfile EXIT REASON NAME HOME
func refusedFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: refusedfile EXIT REASON NAME HOME")
	}
	exits(ts, false, []string{args[0], "valise", "directory", "import", args[2] + ".import", "--home", args[3], "--json"})
	jsonValue(ts, false, []string{"error.reason", args[1], "stderr"})
	stays(ts, false, args[3:])
}

// refusedRelay waits until a running node has refused what its relay keeps, and what it has in force stays:
// refusedrelay REASON HOME
func refusedRelay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: refusedrelay REASON HOME")
	}
	eventually(ts, false, []string{"relayed_directory.refused", args[0], "valise", "node", "status", "--home", args[1], "--json"})
	stays(ts, false, args[1:])
}

// stays holds a node's directory against $NUMBER and $HASH: stays HOME
func stays(ts *testscript.TestScript, neg bool, args []string) {
	exits(ts, false, []string{"0", "valise", "directory", "show", "--home", args[0], "--json"})
	jsonValue(ts, neg, []string{"number", ts.Getenv("NUMBER")})
	jsonValue(ts, neg, []string{"hash", ts.Getenv("HASH")})
}
