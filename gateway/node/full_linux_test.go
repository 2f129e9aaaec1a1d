package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// smallDisk is set in the process that has a mount namespace of its own.
const smallDisk = "VALISE_TEST_SMALL_DISK"

// TestACommitThatFindsNoSpace lets commits fail for want of space: the node measures nothing here,
// so that neither reserve nor BUSY prevents it. The node goes on by itself when the disk has grown,
// what was accepted is there, and what nobody knew is decided by its request id. P1, P6
func TestACommitThatFindsNoSpace(t *testing.T) {
	if os.Getenv(smallDisk) != "" {
		fillTheDisk(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestACommitThatFindsNoSpace$", "-test.v")
	cmd.Env = append(os.Environ(), smallDisk+"=yes")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if id := os.Geteuid(); id != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: id, HostID: id, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
		t.Skip("this machine lets nobody have a mount namespace")
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestACommitThatFindsNoSpace")) {
		t.Errorf("it ended with %v", err)
	}
	t.Logf("%s", out)
}

// onSmallDisk moves a home to a tmpfs of so many MiB and returns what changes its size.
func (n network) onSmallDisk(home string, mib int) (grow func(mib int)) {
	n.t.Helper()
	must := func(err error) {
		n.t.Helper()
		if err != nil {
			n.t.Fatal(err)
		}
	}
	kept := home + ".kept"
	must(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	must(os.Rename(home, kept))
	must(os.Mkdir(home, 0o700))
	must(unix.Mount("tmpfs", home, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", mib)))
	n.t.Cleanup(func() { must(unix.Unmount(home, unix.MNT_DETACH)) })
	must(filepath.WalkDir(kept, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == kept {
			return err
		}
		to := filepath.Join(home, strings.TrimPrefix(path, kept))
		if d.IsDir() {
			return os.Mkdir(to, 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, b, 0o600)
	}))
	return func(mib int) {
		n.t.Helper()
		must(unix.Mount("", home, "", unix.MS_REMOUNT, fmt.Sprintf("size=%dm", mib)))
	}
}

// sendLarge asks under a request id of its own.
func sendLarge(x *node.Node, to, title string) (*valisev1.Sent, error) {
	m := inquiry(title)
	m.Narrative = strings.Repeat("The disk fills. ", 100_000/16)
	return x.Gateway().Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{
		To: to, Inquiry: m, Options: &valisev1.SendOptions{RequestId: strings.ReplaceAll(title, " ", "-")},
	})
}

func fillTheDisk(t *testing.T) {
	n := newNetwork(t)
	grow := n.onSmallDisk(n.Home("XB"), 8)
	n.relay()
	xa, _ := n.node("XA")
	plenty := &disk{}
	plenty.free.Store(100)
	xb := n.nodeOn("XB", plenty)

	accepted, doubtful := 0, ""
	for i := range 400 {
		title := fmt.Sprint("fill ", i)
		_, err := sendLarge(xb, "XA/technical", title)
		if err != nil {
			if why := node.ReasonOf(err); why != valisev1.Reason_REASON_STORAGE_UNKNOWN && why != valisev1.Reason_REASON_NOT_ACCEPTING {
				t.Fatalf("a full disk gave %v", err)
			}
			doubtful = title
			break
		}
		accepted++
	}
	if doubtful == "" {
		t.Fatal("a disk of 8 MiB is never full")
	}
	t.Logf("%d messages were accepted", accepted)
	// The other side sends into the full disk; nothing of it is taken, or all.
	for i := range 5 {
		if _, err := sendLarge(xa, "XB/technical", fmt.Sprint("to a full disk ", i)); err != nil {
			t.Fatal(err)
		}
	}
	await(t, xa, 5, valisev1.Delivery_DELIVERY_LEFT)

	grow(64)
	for range 1200 {
		if _, err := sendLarge(xb, "XA/technical", doubtful); err == nil {
			accepted++
			doubtful = ""
			break
		} else if why := node.ReasonOf(err); why != valisev1.Reason_REASON_NOT_ACCEPTING && why != valisev1.Reason_REASON_STORAGE_UNKNOWN {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if doubtful != "" {
		t.Fatal("the node does not go on after growth")
	}
	await(t, xa, 5, valisev1.Delivery_DELIVERY_REACHED)
	await(t, xb, accepted, valisev1.Delivery_DELIVERY_REACHED)
	if got := n.inbox(xa); got != accepted {
		t.Errorf("%d messages are at XA, %d were accepted", got, accepted)
	}
	if got := n.inbox(xb); got != 5 {
		t.Errorf("%d messages are at XB, 5 were sent", got)
	}
}

// inbox counts the inquiries that a node has from its peers.
func (n network) inbox(x *node.Node) (count int) {
	n.t.Helper()
	list, err := x.Gateway().Threads(context.Background(), officer, &valisev1.ListThreadsRequest{PageSize: 500})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, th := range list.GetThreads() {
		if !th.GetOutbound() {
			count++
		}
	}
	return count
}
