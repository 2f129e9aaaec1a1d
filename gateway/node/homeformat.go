package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	valisev1 "valise.example/proto/valise/v1"
)

const (
	// HomeFormat is the number of the form of homes that this program makes and runs. docs/protocol.md §9.5
	HomeFormat = 3

	// unnumberedFormat is the form of homes without a number.
	unnumberedFormat = 1

	formatFile = "format"
)

// formatLine is all that the file may hold, so that what nobody wrote is taken for no number.
var formatLine = regexp.MustCompile(`^valise home ([1-9][0-9]{0,8})\n$`)

// homeFormat reads which form a home has, also a later one than HomeFormat.
func homeFormat(dir string) (int, error) {
	b, err := os.ReadFile(filepath.Join(dir, formatFile))
	if errors.Is(err, fs.ErrNotExist) {
		return unnumberedFormat, nil
	}
	if err != nil {
		return 0, err
	}
	m := formatLine.FindSubmatch(b)
	if m == nil {
		return 0, &Fault{Why: valisev1.Reason_REASON_BAD_CONFIG, Detail: "the file " + formatFile + " of the home says no number, so nobody knows whether this version may use it"}
	}
	return strconv.Atoi(string(m[1]))
}

// knownFormat is homeFormat of a home that this program may use.
func knownFormat(dir string) (int, error) {
	n, err := homeFormat(dir)
	if err == nil && n > HomeFormat {
		err = laterHome("the home", n)
	}
	return n, err
}

func laterHome(what string, format int) error {
	return &Fault{Why: valisev1.Reason_REASON_LATER_VERSION, Detail: fmt.Sprintf("%s has format %d, this version reads up to format %d, and nothing was changed", what, format, HomeFormat)}
}

// writeHomeFormat notes, durably and as the last of an upgrade, which form a home has now.
func writeHomeFormat(dir string, n int) error {
	return WriteDurably(filepath.Join(dir, formatFile), fmt.Appendf(nil, "valise home %d\n", n))
}
