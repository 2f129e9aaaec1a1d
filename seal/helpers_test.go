package seal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testRealm  ident.Realm = "exercise:seal-000102030405060708090a0b0c0d0e0f"
	otherRealm ident.Realm = "exercise:seal-0f0e0d0c0b0a09080706050403020100"
)

var (
	alderTechnical  = ident.Address{State: "XA", Track: ident.Technical}
	birchTechnical  = ident.Address{State: "XB", Track: ident.Technical}
	birchDiplomatic = ident.Address{State: "XB", Track: ident.Diplomatic}
	cedarTechnical  = ident.Address{State: "XC", Track: ident.Technical}
)

// world is two States and a stranger, with Birch's technical POC as the one that opens.
type world struct {
	alder, alderDiplomatic, cedar *SigningKey
	revoked, unlisted             *SigningKey
	birch, birchOld, birchDesk    SealingKey
	stranger                      SealingKey
}

var newWorld = sync.OnceValue(func() world {
	w := world{
		alder: seededKey(1), alderDiplomatic: seededKey(2), cedar: seededKey(3),
		revoked: seededKey(4), unlisted: seededKey(5),
	}
	for _, k := range []*SealingKey{&w.birch, &w.birchOld, &w.birchDesk, &w.stranger} {
		made, err := GenerateSealingKey()
		if err != nil {
			panic(err)
		}
		*k = made
	}
	return w
})

func seededKey(n byte) *SigningKey {
	key, err := GenerateSigningKey(seededReader(n))
	if err != nil {
		panic(err)
	}
	return key
}

func seededReader(n byte) *rand.ChaCha8 { return rand.NewChaCha8(sha256.Sum256([]byte{n})) }

func (w world) opener() Opener {
	speakers := map[ident.KeyID]Speaker{}
	for _, s := range []Speaker{
		{Key: w.alder.Public(), Address: alderTechnical},
		{Key: w.alderDiplomatic.Public(), Address: ident.Address{State: "XA", Track: ident.Diplomatic}},
		{Key: w.cedar.Public(), Address: cedarTechnical},
		{Key: w.revoked.Public(), Address: alderTechnical, RevokedSince: created},
	} {
		speakers[s.Key.ID(testRealm)] = s
	}
	return Opener{
		Realm: testRealm,
		Keys: func() []HeldKey {
			return []HeldKey{{w.birch, birchTechnical}, {w.birchOld, birchTechnical}, {w.birchDesk, birchDiplomatic}}
		},
		Resolve: func(id ident.KeyID) (Speaker, bool) { s, ok := speakers[id]; return s, ok },
		Mine:    func(a ident.Address) bool { return a.State == "XB" },
	}
}

var created = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// voidHeader is the smallest header that is in order; each test changes what it is about.
func voidHeader() Header {
	return Header{
		Realm: testRealm, Kind: valisev1.Kind_KIND_VOID, From: alderTechnical, To: birchTechnical,
		Epoch: 0x1122334455667788, Sequence: 1, MessageID: ident.MessageID{1, 2, 3}, Created: created,
		DirectoryNumber: 7, DirectoryHash: [32]byte{7},
	}
}

func inquiryHeader() Header {
	h := voidHeader()
	h.Kind, h.Thread, h.ThreadSequence = valisev1.Kind_KIND_INQUIRY, ident.ThreadID{9}, 1
	return h
}

func inquiryPayload(narrative int) []byte {
	return mustMarshal(&valisev1.Inquiry{
		Originator: &valisev1.Person{Name: "Duty officer"},
		Title:      "Scanning of port 102",
		Narrative:  string(filler(narrative)),
		Questions:  []string{"Is the address in use?"},
	})
}

func filler(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(i%26)
	}
	return b
}

func make32(b byte) []byte {
	d := [32]byte{}
	d[0], d[31] = b, b
	return d[:]
}

func mustMarshal(m proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func mustHeader(t testing.TB, h Header) []byte {
	t.Helper()
	b, err := h.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustContent(t testing.TB, h Header, payload []byte) Content {
	t.Helper()
	c, err := NewContent(h, [NonceSize]byte{1}, payload)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustSign(t testing.TB, key *SigningKey, c Content) []byte {
	t.Helper()
	s, err := SignContent(testRealm, key, c)
	if err != nil {
		t.Fatal(err)
	}
	return s.Marshal()
}

func mustClose(t testing.TB, signed []byte, to SealingKey) []byte {
	t.Helper()
	b, err := Close(signed, to.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// signRaw signs bytes that SignContent would refuse, as a hostile State can with its own key.
func signRaw(t testing.TB, key *SigningKey, header, body []byte) []byte {
	t.Helper()
	c := Content{Header: header, Body: body}
	sig, err := Sign(testRealm, PurposeContent, c.Digest(), key)
	if err != nil {
		t.Fatal(err)
	}
	return Signed{SuiteEd25519MLDSA65, key.Public().ID(testRealm), c, sig.Ed25519, sig.Mldsa65}.Marshal()
}

func bodyOf(payload []byte) []byte { return append(make([]byte, NonceSize), payload...) }

// honestEnvelope is an inquiry from Alder to Birch that every step accepts.
func (w world) honestEnvelope(t testing.TB, narrative int) []byte {
	t.Helper()
	return mustClose(t, mustSign(t, w.alder, mustContent(t, inquiryHeader(), inquiryPayload(narrative))), w.birch)
}

// want is what a bad input must come to.
type want struct {
	step   Step
	reason valisev1.Reason
}

func (w want) String() string { return fmt.Sprintf("%s %s", w.step, w.reason) }

// mustRefuse asserts step and reason, and that nothing at all was handed out.
func mustRefuse(t testing.TB, opened *Opened, err error, w want) *Refusal {
	t.Helper()
	if opened != nil {
		t.Fatalf("accepted, want %v", w)
	}
	r, ok := errors.AsType[*Refusal](err)
	if !ok {
		t.Fatalf("error is %T (%v), want %v", err, err, w)
	}
	if r.Step != w.step || r.Reason != w.reason {
		t.Fatalf("refused by %s %s (%v), want %v", r.Step, r.Reason, r.Err, w)
	}
	return r
}
