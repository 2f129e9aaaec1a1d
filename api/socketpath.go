package api

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// maxSocketPath is how long a path the kernel takes in a socket address, with room: Linux
// has 107 bytes, others 103.
const maxSocketPath = 100

// absolute makes a path that does not change its meaning with the working folder. It is never
// empty and never begins with "@", which Go would take for a socket without a file.
func absolute(path string) (string, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return "", refusal(valisev1.Reason_REASON_BAD_CONFIG, "a socket needs a path")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		e := refusal(valisev1.Reason_REASON_BAD_CONFIG, "the path of the socket cannot be told")
		e.cause = err
		return "", e
	}
	return abs, nil
}

// within calls act with a path to folder that is short enough to put a name of at most 40 bytes
// behind it. The path is good only during act.
func within(folder string, act func(short string) error) error {
	if len(folder)+41 <= maxSocketPath {
		return act(folder)
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	short := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	if there, err := os.Stat(short); err == nil {
		if here, err := f.Stat(); err == nil && os.SameFile(there, here) {
			return act(short)
		}
	}
	return throughLink(folder, act)
}

// throughLink is the way for systems without /proc: a link in a private folder.
func throughLink(folder string, act func(short string) error) error {
	private, err := os.MkdirTemp("", "valise-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(private)
	link := filepath.Join(private, "home")
	if err := os.Symlink(folder, link); err != nil {
		return err
	}
	return act(link)
}
