package relay_test

import (
	"context"
	"errors"
	"fmt"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// Two nodes exchange an envelope over a relay in memory. What the relay says is no receipt: the
// sender would publish again until the recipient's own receipt comes back the same way.
func Example() {
	const (
		keyA, keyB = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", "UA6KOMQ67XOE3FHE37W4OXADVXVYISBNLTBUT2LSY5VFKAIJ7CRDR2RZ"
		boxB       = "bbbbbbbbbbbbbbbbbbbbbbbbbb"
		tokenA     = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	)
	r := relay.NewMemory()
	err := r.SetRoster(&valisev1.Roster{
		Number: 1, Realm: "operational",
		Mailboxes: []*valisev1.Mailbox{{Name: boxB, OwnerNkeys: []string{keyB}, SenderTokens: []string{tokenA}}},
		Senders:   []*valisev1.Sender{{Token: tokenA, Nkeys: []string{keyA}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	a, _ := r.Dial(keyA)
	b, _ := r.Dial(keyB)
	defer a.Close()
	defer b.Close()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stored, err := a.Publish(ctx, relay.Address{Mailbox: boxB, Token: tokenA, Slot: 0}, []byte("a sealed envelope"))
	fmt.Println("on its way:", stored.Sequence, err)
	_, err = b.Publish(ctx, relay.Address{Mailbox: boxB, Token: tokenA, Slot: 0}, []byte("another's token"))
	fmt.Println("refused:", errors.Is(err, relay.ErrRefused))

	err = b.Receive(ctx, boxB, func(m relay.Mail) error {
		fmt.Printf("slot %d: %s\n", m.Slot, m.Envelope)
		cancel()
		return nil
	})
	fmt.Println(err)
	// Output:
	// on its way: 1 <nil>
	// refused: true
	// slot 0: a sealed envelope
	// context canceled
}
