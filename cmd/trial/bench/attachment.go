package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// sharedMemory is a folder that needs no disk.
const sharedMemory = "/dev/shm"

// measureAttachment: from the send to the moment in which the recipient's node has all of the file
// and knows its SHA-256, without a disk.
func measureAttachment(ctx context.Context, b *bench) (rows []row, err error) {
	dir, err := os.MkdirTemp(sharedMemory, "valise-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := newSite(ctx, filepath.Join(dir, "lab"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.relay.stop()) }()
	p, err := newProduct(ctx, s.Lab, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	var speeds []float64
	for range max(b.size.rounds/2, 1) {
		speed, err := p.carry(ctx, b.size.attachment<<20)
		if err != nil {
			return nil, err
		}
		speeds = append(speeds, speed)
	}
	return []row{atLeast(fmt.Sprintf("attachment of %d MiB across, %s", b.size.attachment, sharedMemory), 50, median(speeds), " MB/s",
		fmt.Sprintf("%d files", len(speeds)))}, nil
}

// carry sends a file of so many bytes and gives the MB a second.
func (p *product) carry(ctx context.Context, size int) (float64, error) {
	file := make([]byte, size)
	if _, err := rand.Read(file); err != nil {
		return 0, err
	}
	up, err := p.xa.node.Gateway().Upload(ctx, officer, bytes.NewReader(file))
	if err != nil {
		return 0, err
	}
	request := inquiryFrom(0)
	request.Inquiry.Attachments = []*valisev1.Attachment{{Name: "capture.bin", Sha256: up.GetSha256()}}
	began := time.Now()
	sent, err := p.xa.node.Gateway().Inquire(ctx, officer, request)
	if err != nil {
		return 0, err
	}
	for {
		view, _, err := p.xb.node.Gateway().Attachment(ctx, officer, &valisev1.GetAttachmentRequest{Message: sent.GetMessage()})
		if err == nil && view.GetState() == valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE {
			return float64(size) / 1e6 / time.Since(began).Seconds(), nil
		}
		select {
		case <-ctx.Done():
			return 0, errors.Join(ctx.Err(), err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}
