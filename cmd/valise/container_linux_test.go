package main

import (
	"debug/elf"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// instruction is a line of the Containerfile.
type instruction struct{ name, rest string }

// stages reads the Containerfile: the instructions of each stage, in order.
func stages(t *testing.T) (all [][]instruction) {
	t.Helper()
	text, err := os.ReadFile("operation/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case name == "" || strings.HasPrefix(name, "#"):
			continue
		case name == "FROM":
			all = append(all, nil)
		case len(all) == 0:
			t.Fatalf("%s stands before the first stage", name)
		}
		all[len(all)-1] = append(all[len(all)-1], instruction{name, rest})
	}
	return all
}

// image is what the last stage of the Containerfile says.
type image struct {
	from, home, volume, user   string
	entrypoint, command, check []string
	copied                     map[string]string // what stands in it: place and owner
}

func imageOf(t *testing.T) (i image) {
	t.Helper()
	all := stages(t)
	i.copied = map[string]string{}
	words := func(list string) (out []string) {
		if err := json.Unmarshal([]byte(list), &out); err != nil {
			t.Errorf("%s is no list of words, and there is no shell: %v", list, err)
		}
		return out
	}
	for _, x := range all[len(all)-1] {
		fields := strings.Fields(x.rest)
		switch x.name {
		case "FROM":
			i.from = x.rest
		case "ENV":
			i.home = strings.TrimPrefix(x.rest, "VALISE_HOME=")
		case "VOLUME":
			i.volume += x.rest
		case "USER":
			i.user = x.rest
		case "ENTRYPOINT":
			i.entrypoint = words(x.rest)
		case "CMD":
			i.command = words(x.rest)
		case "HEALTHCHECK":
			_, list, _ := strings.Cut(x.rest, "CMD ")
			i.check = words(list)
		case "COPY":
			i.copied[fields[len(fields)-1]] = strings.Join(fields[:len(fields)-2], " ")
		case "STOPSIGNAL":
		default:
			t.Errorf("%s in a stage that holds nothing to run it with", x.name)
		}
	}
	return i
}

// TestContainerfile: nothing but the program, somebody without a name, one volume, and command lines
// that this program takes.
func TestContainerfile(t *testing.T) {
	i := imageOf(t)
	if i.from != "scratch" || i.volume != i.home || i.home == "" || i.user == "" || strings.HasPrefix(i.user, "0") || strings.HasPrefix(i.user, "root") {
		t.Errorf("%+v", i)
	}
	if len(i.copied) != 3 || !strings.Contains(i.copied[i.volume], "--chown="+i.user) || !strings.Contains(i.copied[i.volume], "--chmod=0700") {
		t.Errorf("the home is not that of %s alone: %q", i.user, i.copied)
	}
	if _, there := i.copied[i.entrypoint[0]]; !there {
		t.Errorf("%s is not in it", i.entrypoint[0])
	}
	if got := runsHere(t, slices.Concat(i.entrypoint, i.command)).CommandPath(); got != "valise node run" {
		t.Errorf("it runs %s", got)
	}
	if got := runsHere(t, i.check).CommandPath(); got != "valise node status" {
		t.Errorf("it is checked with %s", got)
	}
	build := ""
	for _, x := range stages(t)[0] {
		if x.name == "RUN" {
			build += x.rest
		}
	}
	if !strings.Contains(build, "CGO_ENABLED=0 go build -trimpath") {
		t.Errorf("the program is not built static: %s", build)
	}
}

// containerStory plays what a container engine does with the image, with what Linux has for it:
// a root of its own that nobody can write to, one volume, somebody without a name.
const containerStory = `
set -eu
mount --make-rprivate /
mount --bind "$R" "$R"
mount --bind "$V" "$R$VALISE_HOME"
mount --rbind /proc "$R/proc"
mount --rbind /dev "$R/dev"
mount -o remount,bind,ro "$R"
inside="env -i VALISE_HOME=$VALISE_HOME $(command -v chroot) --userspec=$USERSPEC $R"
if $inside $ENTRYPOINT node init --home /other --state XA --realm "$REALM"; then echo 'it could write beside its volume'; exit 1; fi
$inside $ENTRYPOINT node init --state XA --realm "$REALM"
if $inside $CHECK; then echo 'well, though nothing runs'; exit 1; fi
$inside $ENTRYPOINT $COMMAND & node=$!
for i in $(seq 60); do if $inside $CHECK; then break; fi; done
$inside $CHECK
$inside $ENTRYPOINT node backup --out "$VALISE_HOME/one.backup"
kill -TERM $node
wait $node
$inside $ENTRYPOINT record verify
echo all is well
`

// TestInAContainer runs the image without an engine: no engine is there in CI. It needs root.
func TestInAContainer(t *testing.T) {
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("only root plays a container engine")
		}
		t.Skip("only root plays a container engine")
	}
	i, root, volume := imageOf(t), t.TempDir(), t.TempDir()
	program := filepath.Join(root, i.entrypoint[0])
	for _, dir := range []string{filepath.Dir(program), filepath.Join(root, i.home), filepath.Join(root, "proc"), filepath.Join(root, "dev")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-trimpath", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	isStatic(t, program)
	for dir := root; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(volume, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(volume, 65532, 65532); err != nil {
		t.Fatal(err)
	}
	story := exec.Command("unshare", "--mount", "sh", "-c", containerStory)
	story.Env = append(os.Environ(), "R="+root, "V="+volume, "VALISE_HOME="+i.home, "USERSPEC="+i.user,
		"REALM=exercise:lab-00112233445566778899aabbccddeeff", "ENTRYPOINT="+strings.Join(i.entrypoint, " "),
		"COMMAND="+strings.Join(i.command, " "), "CHECK="+strings.Join(i.check, " "))
	story.WaitDelay = time.Minute // whatever it leaves behind holds up nobody
	out, err := story.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "all is well") {
		t.Errorf("%v: %s", err, out)
	}
}

// isStatic fails for a program that asks for another to load it.
func isStatic(t *testing.T, program string) {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the program is not static")
		}
	}
}
