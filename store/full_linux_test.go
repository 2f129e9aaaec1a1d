package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"valise.example/store"
	"valise.example/store/storetest"
)

func init() { roles["fill-disk"] = fillDisk }

// TestAFullDisk runs fillDisk in a mount namespace of its own, with a disk of 6 MiB.
func TestAFullDisk(t *testing.T) {
	cmd := start(t, "fill-disk", t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.Output()
	if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
		t.Skip("this machine lets nobody have a mount namespace")
	}
	if err != nil || !strings.HasPrefix(string(out), "survived a full disk") {
		t.Errorf("%v: %s", err, out)
	}
}

// fillDisk writes until the disk is full, again with a file in the way, and checks that every
// acknowledged item is there and that writing goes on when there is room.
func fillDisk(dir string) {
	if err := fillDiskIn(dir); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("survived a full disk")
}

func fillDiskIn(dir string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=6m,mode=0700"); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		return err
	}
	path := filepath.Join(dir, "record.db")
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		return err
	}
	first, err := writeTillFull(s)
	if err != nil {
		return err
	}
	if err := os.Remove(ballast); err != nil {
		return err
	}
	if s, err = store.Open(path, storetest.Config()); err != nil {
		return fmt.Errorf("reopen after a full disk: %w", err)
	}
	if err := holds(s, first); err != nil {
		return err
	}
	all, err := writeTillFull(s)
	if err != nil || all <= first {
		return fmt.Errorf("with room again: %d items after %d, %w", all, first, err)
	}
	if s, err = store.Open(path, storetest.Config()); err != nil {
		return fmt.Errorf("reopen on a full disk: %w", err)
	}
	return errors.Join(holds(s, all), s.Close())
}

// writeTillFull gives how many items are acknowledged when the disk is full.
func writeTillFull(s *store.Store) (uint64, error) {
	var items uint64
	for {
		err := s.Update(context.Background(), func(tx store.Tx) error {
			_, err := appendWithRow(tx, 1)
			items = tx.Items()
			return err
		})
		if _, full := errors.AsType[*store.Unknown](err); full {
			return items - 1, s.Close()
		}
		if err != nil {
			return 0, fmt.Errorf("a full disk gave %w, want *Unknown", err)
		}
	}
}

// holds checks the record; the item whose outcome was unknown may be there or not.
func holds(s *store.Store, items uint64) error {
	report, err := s.Verify(context.Background(), store.VerifyConfig{})
	if err != nil || !report.OK || report.Items < items || report.Items > items+1 {
		return fmt.Errorf("%d acknowledged, report %+v, %w", items, report, err)
	}
	return nil
}
