package node_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"testing"
	"time"

	"valise.example/gateway"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// fileOf is a file of n bytes that no two names share.
func fileOf(name string, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8(sha256.Sum256([]byte(name)))
	_, _ = r.Read(b) // it never fails
	return b
}

// sendFile sends an inquiry with one file.
func sendFile(t testing.TB, x *node.Node, name string, file []byte) *valisev1.Sent {
	t.Helper()
	got, err := x.Gateway().Upload(context.Background(), officer, bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	q := inquiry(name)
	q.Attachments = []*valisev1.Attachment{{Name: "capture.bin", Sha256: got.GetSha256()}}
	sent, err := x.Gateway().Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: q})
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// untilWhole waits until the receiver has all of a file.
func untilWhole(t testing.TB, x *node.Node, message string) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		view, _, err := x.Gateway().Attachment(context.Background(), officer, &valisev1.GetAttachmentRequest{Message: message})
		if err == nil && view.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the file did not arrive: %v, %v", view, err)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func readFile(t testing.TB, g *gateway.Gateway, message string) (out []byte) {
	t.Helper()
	view, part, err := g.Attachment(context.Background(), officer, &valisev1.GetAttachmentRequest{Message: message})
	if err != nil {
		t.Fatal(err)
	}
	for i := range view.GetParts() {
		b, err := part(context.Background(), i)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b...)
	}
	return out
}

// TestAFileCrosses: two nodes, a relay and 10 MB, with both nodes started anew on the way.
func TestAFileCrosses(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	xa, stopXA := n.node("XA")
	_, stopXB := n.node("XB")
	file := fileOf("ten", 10_000_000)
	sent := sendFile(t, xa, "ten", file)
	stopXB()
	stopXA()
	xb, _ := n.node("XB")
	xa, _ = n.node("XA")
	untilWhole(t, xb, sent.GetMessage())
	untilWhole(t, xa, sent.GetMessage())
	if !bytes.Equal(readFile(t, xb.Gateway(), sent.GetMessage()), file) {
		t.Error("another file arrived")
	}
	if !bytes.Equal(readFile(t, xa.Gateway(), sent.GetMessage()), file) {
		t.Error("our own archive holds another file")
	}
}

// BenchmarkAttachment carries 64 MiB from a send to the last part durable at the recipient, with
// two nodes and a relay in this process. Run it with TMPDIR=/dev/shm to leave the disk out.
func BenchmarkAttachment(b *testing.B) {
	n := newNetwork(b)
	n.relay()
	xa, _ := n.node("XA")
	xb, _ := n.node("XB")
	untilWhole(b, xb, sendFile(b, xa, "warm", []byte("warm")).GetMessage())
	b.SetBytes(gateway.MaxAttachment)
	for i := range b.N {
		b.StopTimer()
		file := fileOf(string(rune('a'+i)), gateway.MaxAttachment)
		got, err := xa.Gateway().Upload(context.Background(), officer, bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		q := inquiry("bench")
		q.Attachments = []*valisev1.Attachment{{Name: "capture.bin", Sha256: got.GetSha256()}}
		b.StartTimer()
		sent, err := xa.Gateway().Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: q})
		if err != nil {
			b.Fatal(err)
		}
		untilWhole(b, xb, sent.GetMessage())
	}
}
