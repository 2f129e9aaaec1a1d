package console

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// tables are where Linux says whose a connection is; one over IPv6 may name addresses of IPv4.
var tables = []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"}

// ownUser refuses a connection whose other end is not of this process's own user, so that no other user of
// the machine can do anything with a link or a cookie, nor take a place. docs/threat-model.md
func ownUser(peer, own netip.AddrPort) error {
	for _, table := range tables {
		uid, err := ownerIn(table, peer, own)
		switch {
		case errors.Is(err, errNoOwner), errors.Is(err, os.ErrNotExist):
			continue
		case err != nil:
			return err
		case uid != os.Getuid():
			return errOtherUser
		}
		return nil
	}
	return errNoOwner
}

// keepsOthersOut fails where this system does not say whose a connection is.
func keepsOthersOut() error {
	if _, err := os.Stat(tables[0]); err != nil {
		return fmt.Errorf("console: other users of this machine could not be kept out: %w", err)
	}
	return nil
}

func ownerIn(table string, peer, own netip.AddrPort) (int, error) {
	f, err := os.Open(table)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	return ownerOf(f, peer, own)
}

// ownerOf reads the user of the end that is at peer of the connection with own.
func ownerOf(table io.Reader, peer, own netip.AddrPort) (int, error) {
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 8 {
			continue
		}
		local, okLocal := addressOf(fields[1])
		remote, okRemote := addressOf(fields[2])
		if !okLocal || !okRemote || local != peer || remote != own {
			continue
		}
		uid, err := strconv.Atoi(fields[7])
		if err != nil {
			return 0, fmt.Errorf("console: the table of connections names no user: %w", err)
		}
		return uid, nil
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	return 0, errNoOwner
}

// addressOf reads one end as the kernel prints it: words of 32 bits in the order of the machine, and the
// port as a number.
func addressOf(text string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(text, ":")
	words, err := hex.DecodeString(host)
	number, portErr := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || portErr != nil || len(words)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(words); i += 4 {
		binary.NativeEndian.PutUint32(words[i:], binary.BigEndian.Uint32(words[i:]))
	}
	addr, ok := netip.AddrFromSlice(words)
	return netip.AddrPortFrom(addr.Unmap(), uint16(number)), ok
}
