//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"valise.example/gateway/history"
)

// book writes the history as it happens, and what else did not hold.
type book struct {
	out io.Writer

	mu     sync.Mutex
	file   *os.File
	writer *history.Writer
	failed []string
}

func newBook(path string, out io.Writer) (*book, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &book{out: out, file: f, writer: history.NewWriter(f)}, nil
}

func (b *book) note(e history.Event) {
	e.At = time.Now().UTC()
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.writer.Add(e); err != nil {
		b.failed = append(b.failed, "the history cannot be written: "+err.Error())
	}
}

// fail says what the history has no event for.
func (b *book) fail(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = append(b.failed, fmt.Sprintf(format, args...))
	fmt.Fprintf(b.out, "FAILED "+format+"\n", args...)
}

// judge reads the file again, as anybody can, and tells every finding.
func (b *book) judge() (passed, failed int) {
	if err := b.file.Close(); err != nil {
		b.fail("the history cannot be closed: %v", err)
	}
	f, err := os.Open(b.file.Name())
	if err != nil {
		b.fail("the history cannot be read: %v", err)
		return 0, len(b.failed)
	}
	defer f.Close()
	events, err := history.Read(f)
	if err != nil {
		b.fail("the history cannot be read: %v", err)
		return 0, len(b.failed)
	}
	report := history.Check(events)
	for _, finding := range report.Findings {
		fmt.Fprintln(b.out, "FAILED", finding)
	}
	return report.Total(), len(report.Findings) + len(b.failed)
}
