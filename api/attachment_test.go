package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// upload brings a file in pieces of a size.
func upload(ctx context.Context, t *testing.T, client valisev1.InquiryServiceClient, file []byte, piece int) (*valisev1.UploadAttachmentResponse, error) {
	t.Helper()
	stream, err := client.UploadAttachment(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for len(file) > 0 {
		n := min(piece, len(file))
		if err := stream.Send(&valisev1.UploadAttachmentRequest{Data: file[:n]}); err != nil {
			break // the answer says why
		}
		file = file[n:]
	}
	return stream.CloseAndRecv()
}

func download(t *testing.T, client valisev1.InquiryServiceClient, message string, index uint32) (*valisev1.AttachmentView, []byte, error) {
	t.Helper()
	stream, err := client.GetAttachment(t.Context(), &valisev1.GetAttachmentRequest{Message: message, Index: index})
	if err != nil {
		t.Fatal(err)
	}
	first, err := stream.Recv()
	if err != nil {
		return nil, nil, err
	}
	var out []byte
	for {
		next, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return first.GetAttachment(), out, nil
		}
		if err != nil {
			return nil, nil, err
		}
		out = append(out, next.GetData()...)
	}
}

// TestAFileThroughTheDoor: it is brought in pieces of any size, named by its SHA-256, and read
// back byte for byte.
func TestAFileThroughTheDoor(t *testing.T) {
	file := bytes.Repeat([]byte(canary), 60_000)
	sum := sha256.Sum256(file)
	for _, piece := range []int{1_000_000, 245_760, 7777} {
		w := newWorld(t)
		client := w.inquiries(t, duty)
		got, err := upload(t.Context(), t, client, file, piece)
		if err != nil || got.GetSize() != uint64(len(file)) || got.GetParts() != 3 || !bytes.Equal(got.GetSha256(), sum[:]) {
			t.Fatalf("pieces of %d: %v, %v", piece, got, err)
		}
		sent, err := client.SendInquiry(t.Context(), with(func(r *valisev1.SendInquiryRequest) {
			r.Inquiry.Attachments = []*valisev1.Attachment{{Name: "log.txt", Sha256: got.GetSha256()}}
		}))
		if err != nil {
			t.Fatal(err)
		}
		view, back, err := download(t, client, sent.GetSent().GetMessage(), 0)
		if err != nil || view.GetName() != "log.txt" || !bytes.Equal(back, file) {
			t.Fatalf("pieces of %d: %v with %d bytes, %v", piece, view, len(back), err)
		}
		_, _, err = download(t, client, sent.GetSent().GetMessage(), 1)
		wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)
	}
}

// TestAFileThatIsTooLarge is refused while it comes, and nothing of it stays.
func TestAFileThatIsTooLarge(t *testing.T) {
	w := newWorld(t)
	client := w.inquiries(t, duty)
	_, err := upload(t.Context(), t, client, make([]byte, 64<<20+1), 1_000_000)
	wantReason(t, err, valisev1.Reason_REASON_BAD_ATTACHMENT)
	_, err = upload(t.Context(), t, client, make([]byte, 2<<20), 2<<20)
	wantReason(t, err, valisev1.Reason_REASON_BAD_REQUEST)
}

// TestACallerWhoHangsUpLeavesNothing: the same officer may bring as much as before.
func TestACallerWhoHangsUpLeavesNothing(t *testing.T) {
	w := newWorld(t)
	client := w.inquiries(t, duty)
	// Seven times 40 MB is more than an officer may leave lying.
	for range 7 {
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := client.UploadAttachment(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			if stream.Send(&valisev1.UploadAttachmentRequest{Data: make([]byte, 1_000_000)}) != nil {
				break // what the ones before left is not gone yet
			}
		}
		cancel()
		if err := stream.RecvMsg(new(valisev1.UploadAttachmentResponse)); err == nil {
			t.Fatal("a file that did not come whole was taken")
		}
	}
	for range 1000 {
		_, err := upload(t.Context(), t, client, make([]byte, 1<<20), 1_000_000)
		if err == nil {
			return
		}
		wantReason(t, err, valisev1.Reason_REASON_BAD_ATTACHMENT) // the last ones may still be on their way out
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("what callers left who hung up still lies there")
}
