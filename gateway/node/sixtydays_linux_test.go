package node_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
)

// diskImage is set in the process that has a mount namespace of its own.
const diskImage = "VALISE_TEST_DISK_IMAGE"

// TestSixtyDaysOfKeys: whole nodes on a disk of their own, with a new sealing key every week. Who was
// away for thirty days opens all that came; what was said to one who is away for longer than its keys
// live waits, is sealed to its next key and arrives; and of a key that was destroyed nothing is left in
// the image of the disk. docs/protocol.md §8.4, §8.5
func TestSixtyDaysOfKeys(t *testing.T) {
	if os.Getenv(diskImage) != "" {
		sixtyDays(t)
		return
	}
	if os.Geteuid() != 0 && os.Getenv("CI") == "" {
		t.Skip("only root mounts the image of a disk")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSixtyDaysOfKeys$", "-test.v")
	cmd.Env = append(os.Environ(), diskImage+"=yes")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
		t.Skip("this machine lets nobody have a mount namespace")
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestSixtyDaysOfKeys")) {
		t.Errorf("it ended with %v", err)
	}
	t.Logf("%s", out)
}

// onImage mounts a file as an ext4 disk. raw reads all of that disk, after everything was synced.
func onImage(t *testing.T) (dir string, raw func() []byte) {
	t.Helper()
	base := t.TempDir()
	image, dir := filepath.Join(base, "disk"), filepath.Join(base, "mounted")
	f, err := os.Create(image)
	if err == nil {
		err = errors.Join(f.Truncate(256<<20), f.Close(), os.Mkdir(dir, 0o700))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"mkfs.ext4", "-qF", image}, {"mount", "--make-rprivate", "/"}, {"mount", "-o", "loop", image, dir}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, func() []byte {
		unix.Sync()
		all, err := os.ReadFile(image)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
}

// secretOf is the line of a key file that only it holds.
func secretOf(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return lines[len(lines)-1]
}

func sixtyDays(t *testing.T) {
	dir, raw := onImage(t)
	where := filepath.Join(dir, "lab")
	secrets := map[string][]byte{} // of all sealing keys that XA ever had, by file
	synctest.Test(t, func(t *testing.T) {
		m := newMonthOf(t, lab.Config{Dir: where, States: []ident.State{"XA", "XB", "XC"}})
		n := network{m.Lab, t}
		gather := func() {
			for _, file := range n.sealingFiles("XA") {
				secrets[file] = secretOf(t, file)
			}
		}
		gather()
		found(t, raw(), secrets)
		xa, _ := m.node("XA")
		xb, stopXB := m.node("XB")
		xc, stopXC := m.node("XC")
		titles := map[ident.State][]string{}
		say := func(s ident.State, day int) {
			title := fmt.Sprintf("%s on day %d", s, day)
			send(t, xa, ident.Address{State: s, Track: ident.Technical}, title)
			titles[s] = append(titles[s], title)
		}
		for day := range 60 {
			switch day {
			case 1:
				stopXC()
			case 10:
				stopXB()
			case 40:
				xb, _ = m.node("XB")
			case 47:
				xc, _ = m.node("XC")
			}
			if day%3 == 0 || day == 46 {
				say("XB", day)
				say("XC", day)
			}
			time.Sleep(24 * time.Hour)
			gather()
		}
		m.opened(xa, xb, titles["XB"])
		m.opened(xa, xc, titles["XC"])
	})
	living, gone := found(t, raw(), secrets)
	// Two desks made nine keys each, one a week; the first three of each had their 45 days.
	if living != 12 || gone != 6 {
		t.Errorf("%d keys are there and %d are gone, want 12 and 6", living, gone)
	}
}

// found looks for the secrets of key files on a whole disk: whose file is there is found, and of whose file is
// gone nothing is left.
func found(t *testing.T, disk []byte, secrets map[string][]byte) (living, gone int) {
	t.Helper()
	for file, secret := range secrets {
		_, err := os.Lstat(file)
		switch there := err == nil; {
		case there && !bytes.Contains(disk, secret):
			t.Errorf("%s is there and not found on the disk", filepath.Base(file))
		case !there && bytes.Contains(disk, secret):
			t.Errorf("%s was destroyed and is still on the disk", filepath.Base(file))
		case there:
			living++
		default:
			gone++
		}
	}
	return living, gone
}

// opened wants all that was said to a peer to be there, nothing of it to wait, and nothing that could
// not be opened.
func (m *month) opened(from, peer *node.Node, titles []string) {
	m.t.Helper()
	if n := m.waiting(from); n != 0 {
		m.t.Errorf("%d messages wait", n)
	}
	if n := m.received(peer); n != len(titles) {
		m.t.Errorf("%d messages came, want %d", n, len(titles))
	}
	if n := cannotOpen(m.t, peer); n != 0 {
		m.t.Errorf("%d envelopes could not be opened", n)
	}
}
