package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

const (
	sampleRealm    = "exercise:lab-0123456789abcdef0123456789abcdef"
	sampleRoot     = "b2c74ddb455848e6120e02357dac72c12eeb2c05992cb6cfe505e7564d434387"
	sampleThreadID = "0123456789abcdef0123456789abcdef"
)

func sampleKey(t *testing.T) ident.KeyID {
	t.Helper()
	id, ok := ident.KeyIDFrom(bytes.Repeat([]byte{7}, 32))
	if !ok {
		t.Fatal("32 bytes are no key id")
	}
	return id
}

func sampleHead() *valisev1.GetHeadResponse {
	return &valisev1.GetHeadResponse{Size: 18, Root: sampleRoot, At: hour(7)}
}

// sampleItems are items of every form that a list shows.
func sampleItems() (list []*valisev1.ItemView) {
	root := bytes.Repeat([]byte{7}, 32)
	call := &valisev1.ContactLog{
		At: hour(1), Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Detail: "+999 000 0002", Source: valisev1.ContactSource_CONTACT_SOURCE_REGISTERED,
		Result: valisev1.ContactResult_CONTACT_RESULT_WORKED, Person: "A. Osei",
	}
	add := func(item *valisev1.Item) *valisev1.ItemView {
		item.Number, item.Recorded = uint64(len(list)+1), hour(len(list))
		list = append(list, &valisev1.ItemView{Item: item})
		return list[len(list)-1]
	}
	sent := add(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_SENT, Kind: valisev1.Kind_KIND_HOLDING_REPLY, Officer: "a.osei", DraftAct: valisev1.DraftAct_DRAFT_ACT_SENT_BACK, Note: "Say since when."})
	sent.From, sent.To, sent.Thread, sent.Message, sent.Digest, sent.Pruned = "XA/technical", "XB/technical", sampleThreadID, "89ab0123456789abcdef0123456789ab", sampleRoot, true
	add(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_DELIVERY, Delivery: &valisev1.DeliveryFact{Delivery: valisev1.Delivery_DELIVERY_REACHED}})
	refused := add(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_REFUSED, Kind: valisev1.Kind_KIND_INQUIRY, Reason: valisev1.Reason_REASON_QUOTA})
	refused.From, refused.To = "XB/technical", "XA/technical"
	for n := 1; n < len(valisev1.AttentionStep_name); n++ {
		add(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_ATTENTION, Attention: &valisev1.AttentionFact{Step: valisev1.AttentionStep(n), Means: "webhook", Taken: n > 2}})
	}
	for n := 1; n < len(valisev1.TrustEvent_name); n++ {
		add(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_TRUST, Trust: &valisev1.TrustFact{
			Event: valisev1.TrustEvent(n), State: "XB", RootHeld: root, RootOffered: root, Contact: call, ReadAloud: "12345 67890", Source: "note verbale 12",
			Outcome: valisev1.TrustOutcome(1 + n%2),
		}})
	}
	add(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_PRUNE, Prune: &valisev1.PruneFact{Before: hour(0), Items: 12, Threads: 3, Months: []string{"2026-01", "2026-02"}}})
	add(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_OTHER_DIRECTORY, Other: &valisev1.OtherFact{Id: "rof", Contacts: 3}})
	add(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_OTHER_DIRECTORY, Other: &valisev1.OtherFact{Id: "rof", Removed: true}})
	return list
}

// sampleReport is a record with a problem, and papers that fit and that do not.
func sampleReport(t *testing.T, s speech) []string {
	t.Helper()
	var out bytes.Buffer
	p := inLanguage(s, &out)
	damaged := &valisev1.VerifyRecordResponse{Items: 18, TreeSize: 18, Root: sampleRoot, Problems: []*valisev1.RecordProblem{
		{Item: 7, Reason: valisev1.Reason_REASON_RECORD_ITEM_CHANGED}, {Item: store.None, Reason: valisev1.Reason_REASON_RECORD_TRUNCATED},
	}}
	whole := &valisev1.VerifyRecordResponse{Ok: true, Items: 18, TreeSize: 18, Root: sampleRoot}
	page := &valisev1.CheckPaperResponse{
		Matches: true, Page: true, Thread: sampleThreadID, Peer: "XB/technical", Head: &valisev1.KnownHead{Size: 10, Root: sampleRoot}, HeadRecorded: hour(3), Covered: 6, Since: 2,
		Items: []*valisev1.PaperItem{{Item: 1, Type: valisev1.ItemType_ITEM_TYPE_SENT, Recorded: hour(1), Digest: sampleRoot, Pruned: true}},
	}
	message := &valisev1.CheckPaperResponse{Matches: true, Thread: sampleThreadID, Peer: "XB/technical"}
	for _, c := range []struct {
		report *valisev1.VerifyRecordResponse
		paper  *valisev1.CheckPaperResponse
	}{{damaged, nil}, {whole, page}, {whole, message}, {whole, &valisev1.CheckPaperResponse{Reason: valisev1.Reason_REASON_RECORD_DAMAGED}}} {
		if err := p.printReport(c.report, c.paper); err != nil {
			t.Fatal(err)
		}
	}
	out.WriteString(s.line(s.say(s.Record.Head, "items", "18", "root", s.theirs(sampleRoot))) + "\n")
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// samplePrint is a page with a consent, and one for our own archive, and what is told of it.
func samplePrint(t *testing.T, s speech) []string {
	t.Helper()
	var out bytes.Buffer
	p := inLanguage(s, &out)
	third := &valisev1.ExportHead{
		State: "XA", Realm: sampleRealm, At: hour(8), Officer: "a.osei", Item: 18, Items: 1, ThirdParty: "CERT of XD", LeftOut: []string{"89ab0123456789abcdef0123456789ab"},
		Consents: []*valisev1.ConsentView{{Consent: "5d0c3b1a998877665544332211000102", Peer: "XB/technical", Conditions: []string{"without the names"}}},
	}
	own := &valisev1.ExportHead{State: "XA", Realm: sampleRealm, At: hour(8), Item: 19, Items: 2}
	taken := &valisev1.ItemView{Item: &valisev1.Item{Number: 18, Recorded: hour(8), Type: valisev1.ItemType_ITEM_TYPE_EXPORT, Export: &valisev1.ExportFact{Items: 1, ThirdParty: "CERT of XD"}}}
	for _, head := range []*valisev1.ExportHead{third, own} {
		w := &paperWriter{w: &out, s: s}
		w.pages = func(uint64) ([]*valisev1.GetPaperResponse, error) {
			return []*valisev1.GetPaperResponse{{Thread: sampleThreadID, Covered: 6, Head: &valisev1.KnownHead{Size: 10, Root: sampleRoot}, Rows: []string{"0000 0000 125D 984E 1A72"}}}, nil
		}
		piece := &valisev1.ExportRecordResponse{Item: &valisev1.ExportedItem{Item: taken}}
		for _, err := range []error{w.begin(head), w.add(piece), w.end(head)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	// A proof that lacks one is an error beside what is told.
	_ = p.exported(&takeFlags{out: "x.proof"}, unprovenOf(third))
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// unprovenOf is an export of which one item could not be proven.
func unprovenOf(head *valisev1.ExportHead) taken {
	return taken{head: head, unproven: []*valisev1.UnprovenItem{{Item: 7, Reason: valisev1.Reason_REASON_NOT_FOUND}}}
}

func sampleTime(hours int) time.Time { return hour(hours).AsTime() }

func sampleListing(t *testing.T) directory.Listing {
	t.Helper()
	key := directory.KeyListing{Fingerprint: sampleKey(t).Fingerprint()}
	day := sampleTime(0)
	office := func(lines ...string) *directory.OfficeListing {
		return directory.OfficeNow(&valisev1.PointOfContact{Open: lines, TimeZone: "Etc/UTC"}, sampleTime(1))
	}
	facts := func(kind string, open *directory.OfficeListing) directory.FactsListing {
		return directory.FactsListing{
			Type: kind, Entity: []*directory.NameListing{{Language: "fr", Text: "CERT de Bouleau"}, {Language: "en", Text: "CERT of Birch", Courtesy: true}},
			Name: "A. Osei", Designation: []*directory.NameListing{{Language: "en", Text: "Head of desk"}}, Labels: []string{"energy"}, Telephones: []string{"+999 000 0002"},
			Emails: []string{"cert@birch.example"}, Languages: []string{"fr", "en"}, Hours: "round the clock", Office: open,
		}
	}
	return directory.Listing{
		Realm: sampleRealm, Number: 3, Issued: day, Expires: sampleTime(24), Stale: true, ManagerSet: directory.ManagersListing{Managers: []directory.KeyListing{key}},
		Relays: []directory.RelayListing{{Address: "relay.example:4222"}}, Left: []directory.LeftListing{{State: "XD", At: day}},
		States: []directory.StateListing{
			{
				State: "XB", EntryNumber: 4, Root: key, NewRoot: &key, NotCalledBack: true, From: &day, Review: &day, Names: []*directory.NameListing{{Language: "en", Text: "Birch"}},
				Nominee: directory.NominationListing{Authority: "Ministry", NoteVerbale: "12/2026"},
				POCs: []directory.POCListing{
					{Address: "XB/technical", Reachable: true, FactsListing: facts("entity", office("Sun-Sat 08:00-16:30"))},
					{Address: "XB/diplomatic", FactsListing: facts("person", office("Wed 08:00-16:00"))},
				},
				Further: []directory.FurtherListing{
					{Track: "technical", FactsListing: facts("entity", office("always"))}, {Track: "diplomatic", FactsListing: facts("", &directory.OfficeListing{})},
				},
			},
			{State: "XC", EntryNumber: 1, Root: key, CalledBack: &directory.CalledListing{At: day, Officer: "a.osei", Item: 17, OwnNumber: true}},
		},
	}
}
