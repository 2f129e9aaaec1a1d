package main

import (
	"bufio"
	"context"
	"net"
	"os/exec"
	"runtime"

	valisev1 "valise.example/proto/valise/v1"
)

// hasScreen reports whether a browser started here would be seen.
func (p *program) hasScreen() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return p.env["SSH_CONNECTION"] == ""
	}
	return p.env["DISPLAY"] != "" || p.env["WAYLAND_DISPLAY"] != ""
}

// openBrowser starts what the system opens a link with, by no shell, and waits for nothing: whether a page
// is shown, the person sees. Arguments of a process can be read by other users of the machine. On Linux
// the desk answers none of them; elsewhere the link works once. docs/threat-model.md
func (p *program) openBrowser(link string) bool {
	name, args := opener(runtime.GOOS, link)
	cmd := exec.Command(name, args...) //nolint:gosec // a name of our own, and a link of our own making
	if cmd.Start() != nil {
		return false
	}
	go func() { _ = cmd.Wait() }() // what came of it is the person's to see
	return true
}

func opener(system, link string) (name string, args []string) {
	switch system {
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler", link}
	case "darwin":
		return "open", []string{link}
	}
	return "xdg-open", []string{link}
}

// lines tells of each line on stdin, and of nothing once stdin has ended.
func (p *program) lines(ctx context.Context) <-chan struct{} {
	found := make(chan struct{})
	go func() {
		in := bufio.NewReader(p.in)
		for {
			b, err := in.ReadByte() // a line may be of any length, and is not kept
			if err != nil {
				return
			}
			if b != '\n' {
				continue
			}
			select {
			case found <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return found
}

func listenHere(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, refuse(valisev1.Reason_REASON_BAD_CONFIG, "nothing can be served at "+address, "another program may have this port: leave --listen out")
	}
	return l, nil
}
