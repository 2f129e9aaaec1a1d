package seal_test

import (
	"bytes"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Alder's technical POC asks Birch's something; Birch opens it.
func Example() {
	const realm ident.Realm = "exercise:doc-00112233445566778899aabbccddeeff"
	alder, birch := ident.Address{State: "XA", Track: ident.Technical}, ident.Address{State: "XB", Track: ident.Technical}
	signing, err := seal.GenerateSigningKey(bytes.NewReader(make([]byte, 64))) // a real one takes crypto/rand.Reader
	if err != nil {
		fmt.Println(err)
		return
	}
	sealing, err := seal.GenerateSealingKey()
	if err != nil {
		fmt.Println(err)
		return
	}

	payload, err := proto.Marshal(&valisev1.Inquiry{Originator: &valisev1.Person{Name: "Duty officer"}, Title: "Scanning of port 102"})
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := seal.NewContent(seal.Header{
		Realm: realm, Kind: valisev1.Kind_KIND_INQUIRY, From: alder, To: birch,
		Epoch: 1, Sequence: 1, Thread: ident.ThreadID{1}, ThreadSequence: 1, MessageID: ident.MessageID{1},
		Created: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
	}, [seal.NonceSize]byte{}, payload) // a real nonce is random
	if err != nil {
		fmt.Println(err)
		return
	}
	signed, err := seal.SignContent(realm, signing, content)
	if err != nil {
		fmt.Println(err)
		return
	}
	envelope, err := seal.Close(signed.Marshal(), sealing.Recipient())
	if err != nil {
		fmt.Println(err)
		return
	}

	opened, err := seal.Opener{
		Realm: realm,
		Keys:  func() []seal.HeldKey { return []seal.HeldKey{{Key: sealing, Address: birch}} },
		Resolve: func(id ident.KeyID) (seal.Speaker, bool) {
			return seal.Speaker{Key: signing.Public(), Address: alder}, id == signing.Public().ID(realm)
		},
		Mine: func(a ident.Address) bool { return a == birch },
	}.Open(envelope)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(envelope), "bytes from", opened.Speaker.Address, "for", opened.OpenedFor)
	fmt.Println(opened.Message.(*valisev1.Inquiry).GetTitle())
	// Output:
	// 18043 bytes from XA/technical for XB/technical
	// Scanning of port 102
}
