package gateway

import (
	"context"
	"fmt"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// Example carries an inquiry from one gateway to another by hand: what is due at one side is
// received at the other, and only the receipt that comes back empties the outbox.
func Example() {
	ctx := context.Background()
	w := newWorldIn(printer{})
	alder, birch := w.homes["XA"].g, w.homes["XB"].g

	sent, err := alder.Inquire(ctx, officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("Odd traffic")})
	fmt.Println(sent.GetDelivery(), err)

	for _, p := range alder.Due(w.now) { // the node seals and publishes
		_ = alder.Left(ctx, p.Digest, 1)
		opened, _ := w.homes["XB"].opener().VerifySigned(p.Signed)
		effects, err := birch.Receive(ctx, opened) // the other node fetches and opens
		fmt.Println("recorded:", effects.Recorded, err)
	}
	rows, _ := alder.Outbox(ctx)
	fmt.Println("waiting for a receipt:", len(rows))

	receipts, _ := birch.ReceiptsDue(ctx)
	for _, p := range receipts {
		opened, _ := w.homes["XA"].opener().VerifySigned(p.Signed)
		_, _ = alder.Receive(ctx, opened)
		birch.ReceiptLeft(p)
	}
	view, _ := alder.Thread(ctx, officer, &valisev1.GetThreadRequest{Thread: sent.GetThread()})
	fmt.Println(view.GetThread().GetState(), view.GetThread().GetDelivery(), view.GetMessages()[0].GetFacts().GetReached().AsTime().Format(time.DateOnly))
	// Output:
	// DELIVERY_WAITING_TO_LEAVE <nil>
	// recorded: true <nil>
	// waiting for a receipt: 1
	// THREAD_STATE_RECEIVED DELIVERY_REACHED 2026-03-01
}

// printer stands for a test where there is none.
type printer struct{}

func (printer) Helper()                   {}
func (printer) Fatal(a ...any)            { fmt.Println(a...) }
func (printer) Fatalf(f string, a ...any) { fmt.Printf(f, a...) }
func (printer) Logf(f string, a ...any)   { fmt.Printf(f, a...) }
func (printer) Error(a ...any)            { fmt.Println(a...) }
func (printer) Errorf(f string, a ...any) { fmt.Printf(f, a...) }
