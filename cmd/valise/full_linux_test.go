package main

import (
	"bytes"
	"context"
	"encoding/json"
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
)

// smallDisk names the folder in which the story of a small disk is played, in a mount namespace of
// its own.
const smallDisk = "VALISE_TEST_SMALL_DISK"

// TestADiskOf16MiB plays the chapter on the disk of docs/operator.md with real processes: the
// home of XB lies on a tmpfs that fills up. A machine that lets nobody have a mount namespace
// skips it; in CI that is a failure.
func TestADiskOf16MiB(t *testing.T) {
	if dir := os.Getenv(smallDisk); dir != "" {
		s := &diskStory{t: t, dir: dir}
		s.play()
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestADiskOf16MiB$", "-test.v")
	cmd.Env = append(os.Environ(), smallDisk+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
		t.Skip("this machine lets nobody have a mount namespace")
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestADiskOf16MiB")) {
		t.Errorf("it ended with %v", err)
	}
	t.Logf("%s", out)
}

// diskStory is two States and a relay; XB's home lies on the small disk.
type diskStory struct {
	t      *testing.T
	dir    string
	lab    string
	small  string
	xa, xb string // homes
}

func (s *diskStory) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// valise runs the program to its end and gives its exit code and what it printed.
func (s *diskStory) valise(args ...string) (exit int, out map[string]any) {
	s.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "valise", append(args, "--json")...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		s.t.Fatal(err)
	}
	text := stdout.Bytes()
	if exit = cmd.ProcessState.ExitCode(); stdout.Len() == 0 {
		text = stderr.Bytes()
	}
	if len(text) > 0 && json.Unmarshal(text, &out) != nil {
		s.t.Fatalf("valise %s printed %s", strings.Join(args, " "), text)
	}
	return exit, out
}

func toldReason(out map[string]any) string {
	told, _ := out["error"].(map[string]any)
	reason, _ := told["reason"].(string)
	return reason
}

// run starts a part that runs until the story ends; what it logs is shown when the story fails.
func (s *diskStory) run(noun, home string) {
	s.t.Helper()
	cmd := exec.Command("valise", noun, "run", "--home", home)
	log, err := os.Create(filepath.Join(s.dir, noun+"-"+filepath.Base(home)+".log"))
	s.must(err)
	cmd.Stderr = log
	s.must(cmd.Start())
	s.t.Cleanup(func() {
		s.must(cmd.Process.Signal(syscall.SIGTERM))
		if err := cmd.Wait(); err != nil {
			s.t.Errorf("%s of %s did not end well: %v", noun, filepath.Base(home), err)
		}
		s.must(log.Close())
		if text, err := os.ReadFile(log.Name()); s.t.Failed() {
			s.t.Logf("%s %s: %s, %v", noun, filepath.Base(home), text, err)
		}
	})
}

func (s *diskStory) begin() {
	s.lab, s.small = filepath.Join(s.dir, "l"), filepath.Join(s.dir, "small")
	s.xa, s.xb = filepath.Join(s.lab, "XA"), filepath.Join(s.small, "XB")
	s.must(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	s.must(os.Mkdir(s.small, 0o700))
	s.must(unix.Mount("tmpfs", s.small, "tmpfs", 0, "size=16m,mode=0700"))
	s.t.Cleanup(func() { s.must(unix.Unmount(s.small, unix.MNT_DETACH)) })
	if exit, out := s.valise("lab", "new", "--home", s.lab, "--states", "XA,XB"); exit != 0 {
		s.t.Fatalf("no lab: %v", out)
	}
	s.must(os.CopyFS(s.xb, os.DirFS(filepath.Join(s.lab, "XB"))))
	s.must(filepath.WalkDir(s.xb, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	}))
	s.run("relay", filepath.Join(s.lab, "relay"))
	for _, home := range []string{s.xa, s.xb} {
		s.run("node", home)
		if exit, out := s.valise("node", "status", "--home", home, "--wait-ready", "60s"); exit != 0 {
			s.t.Fatalf("no node: %v", out)
		}
	}
}

// draft is an inquiry of so many bytes, outside the small disk.
func (s *diskStory) draft(title string, size int) string {
	s.t.Helper()
	path := filepath.Join(s.dir, "draft.toml")
	s.must(os.WriteFile(path, fmt.Appendf(nil,
		"title = %q\nnarrative = %q\n[originator]\nname = \"A. Rowan\"\naffiliation = \"CERT\"\nemail = \"duty@cert.example\"\n",
		title, strings.Repeat("The disk fills. ", size/16)), 0o600))
	return path
}

func (s *diskStory) send(home, to, title string, size int, more ...string) (int, map[string]any) {
	s.t.Helper()
	return s.valise(append([]string{
		"inquiry", "send", "--home", home, "--to", to, "--file", s.draft(title, size), "--yes", "--request-id", strings.ReplaceAll(title, " ", "-"),
	}, more...)...)
}

// fill sends from XB until that is refused, and returns the titles that were accepted.
func (s *diskStory) fill(name string) (accepted []string) {
	s.t.Helper()
	for i := range 200 {
		title := fmt.Sprint(name, " ", i)
		exit, out := s.send(s.xb, "XA/technical", title, 110_000)
		switch {
		case exit == 0 || exit == 5:
			accepted = append(accepted, title)
		case exit == 1 && toldReason(out) == "DISK_FULL":
			return accepted
		default:
			s.t.Fatalf("a disk that fills up gave exit %d: %v", exit, out)
		}
	}
	s.t.Fatal("a disk of 16 MiB is never full")
	return nil
}

// ballast takes what is left of the disk but for keep bytes.
func (s *diskStory) ballast(keep uint64) {
	s.t.Helper()
	var f unix.Statfs_t
	s.must(unix.Statfs(s.small, &f))
	free := f.Bavail * uint64(f.Bsize)
	if free > keep {
		s.must(os.WriteFile(filepath.Join(s.small, "ballast"), make([]byte, free-keep), 0o600))
	}
}

// titles are the titles of the inquiries that a home has from its peer, and how often.
func (s *diskStory) titles(home string) map[string]int {
	s.t.Helper()
	exit, out := s.valise("inquiry", "list", "--home", home)
	if exit != 0 {
		s.t.Fatalf("no list: %v", out)
	}
	seen := map[string]int{}
	threads, _ := out["threads"].([]any)
	for _, x := range threads {
		if th := x.(map[string]any); th["direction"] == "in" {
			seen[th["title"].(string)]++
		}
	}
	return seen
}

// await looks until a home's outbox is empty.
func (s *diskStory) await(home string) {
	s.t.Helper()
	for range 600 {
		if _, out := s.valise("node", "status", "--home", home); len(out["outbox"].([]any)) == 0 {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	_, out := s.valise("node", "status", "--home", home)
	s.t.Fatalf("the outbox never empties: %v", out["outbox"])
}

func (s *diskStory) play() {
	s.begin()
	accepted := s.fill("fill")
	s.t.Logf("%d messages of 110 kB were accepted", len(accepted))

	// The reserve is for what is under way: the officer is told, and receiving goes on.
	_, how := s.valise("node", "status", "--home", s.xb)
	if how["ready"] != true || how["not_accepting"] != "DISK_FULL" || len(how["warnings"].([]any)) == 0 {
		s.t.Errorf("status of a full disk: ready %v, %v, %v", how["ready"], how["not_accepting"], how["warnings"])
	}
	if exit, out := s.send(s.xa, "XB/technical", "into the reserve", 100, "--wait", "receipt", "--timeout", "60s"); exit != 0 {
		s.t.Errorf("receiving stopped with the reserve untouched: %d %v", exit, out)
	}
	s.await(s.xb)

	// Mail that takes more than there is: commits fail, and the record opens again each time.
	s.ballast(1_300_000)
	for i := range 12 {
		if exit, out := s.send(s.xa, "XB/technical", fmt.Sprint("too much ", i), 110_000); exit != 0 {
			s.t.Errorf("XA has room: %d %v", exit, out)
		}
	}
	// And then nothing at all is left.
	s.ballast(0)
	if exit, out := s.send(s.xb, "XA/technical", "on a full disk", 100); exit != 1 || toldReason(out) != "DISK_FULL" {
		s.t.Errorf("a full disk: %d %v", exit, out)
	}

	// It goes on by itself after growth.
	s.must(unix.Mount("", s.small, "", unix.MS_REMOUNT, "size=64m"))
	s.await(s.xa)
	if exit, out := s.send(s.xb, "XA/technical", "on a full disk", 100); exit != 0 {
		s.t.Errorf("after growth: %d %v", exit, out)
	}
	s.await(s.xb)
	at := s.titles(s.xa)
	for _, title := range append(accepted, "on a full disk") {
		if at[title] != 1 {
			s.t.Errorf("%q was accepted and is %d times at XA", title, at[title])
		}
	}
	for title, times := range s.titles(s.xb) {
		if times != 1 {
			s.t.Errorf("%q is %d times at XB", title, times)
		}
	}
	if got := len(s.titles(s.xb)); got != 13 {
		s.t.Errorf("%d messages are at XB, want 13", got)
	}
	for _, home := range []string{s.xa, s.xb} {
		if exit, out := s.valise("record", "verify", "--home", home); exit != 0 {
			s.t.Errorf("record of %s: %d %v", filepath.Base(home), exit, out)
		}
	}
}
