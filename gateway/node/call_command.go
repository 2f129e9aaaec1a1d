package node

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// commandEnd is how long a command may hold its pipes open after its end.
const commandEnd = time.Second

// runCommand runs a program with exactly these words, without a shell, and wants it to end with 0. The
// text stands in its environment, which is otherwise always the same, and on its stdin. When its time
// is over it is killed with all that it started.
func runCommand(ctx context.Context, argv []string, n notice) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the configuration names it
	cmd.Env = []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
		"VALISE_EVENT=" + n.event, "VALISE_REALM=" + n.realm, "VALISE_TEXT=" + n.text, "VALISE_REF=" + n.ref,
	}
	cmd.Dir = "/"
	cmd.Stdin = strings.NewReader(n.text + "\n")
	cmd.WaitDelay = commandEnd
	inOwnGroup(cmd)
	err := cmd.Run()
	endGroup(cmd)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errors.New("the command did not end in time")
	}
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.ExitCode() > 0 {
		return fmt.Errorf("the command ended with %d", failed.ExitCode())
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // it ended with 0; what it left behind is ended
	}
	return errors.New("the command could not be run")
}
