package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// postfix is a mail server of the bench's own in a folder of its own. It knows one domain, keeps
// Maildirs, listens on loopback only and leaves an installed server alone.
type postfix struct {
	dir     string
	address string
	box     map[string]string // Maildir by person
}

// mainCf: no look-up leaves this machine, nothing is delayed on purpose, and mail is delivered by
// the user nobody.
const mainCf = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
multi_instance_enable = no
alias_maps =
local_recipient_maps =
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
default_process_limit = 50
virtual_mailbox_domains = mail.example
virtual_mailbox_base = %[1]s/boxes
virtual_mailbox_maps = texthash:%[1]s/etc/boxes
virtual_uid_maps = static:%[2]d
virtual_gid_maps = static:%[2]d
virtual_minimum_uid = 1
maillog_file = %[1]s/log/mail.log
maillog_file_prefixes = %[1]s/log
`

const masterCf = `%s inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

// nobody owns the boxes: uid and gid of that name on Debian.
const nobody = 65534

func newPostfix(ctx context.Context, dir string, people ...person) (*postfix, error) {
	if os.Getuid() != 0 {
		return nil, errors.New("bench: a Postfix of one's own needs root, as postfix itself does")
	}
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &postfix{dir: dir, address: probe.Addr().String(), box: map[string]string{}}
	if err := probe.Close(); err != nil {
		return nil, err
	}
	if err := p.write(people); err != nil {
		return nil, err
	}
	if err := p.command(ctx, "start"); err != nil {
		return nil, err
	}
	return p, p.awaitListening(ctx)
}

// write makes the folders and the configuration. Postfix runs as users of its own, who must be
// able to walk there.
func (p *postfix) write(people []person) error {
	for _, name := range []string{"", "etc", "queue", "data", "boxes", "log"} {
		if err := os.MkdirAll(filepath.Join(p.dir, name), 0o755); err != nil { //nolint:gosec // for Postfix's users
			return err
		}
	}
	var boxes strings.Builder
	for _, x := range people {
		fmt.Fprintf(&boxes, "%s %s/\n", x.address(), x.name)
		p.box[x.name] = filepath.Join(p.dir, "boxes", x.name)
		for _, part := range []string{"", "new", "cur", "tmp"} {
			folder := filepath.Join(p.box[x.name], part)
			if err := errors.Join(os.MkdirAll(folder, 0o700), os.Chown(folder, nobody, nobody)); err != nil {
				return err
			}
		}
	}
	for name, text := range map[string]string{
		"main.cf": fmt.Sprintf(mainCf, p.dir, nobody), "master.cf": fmt.Sprintf(masterCf, p.address), "boxes": boxes.String(),
	} {
		if err := os.WriteFile(filepath.Join(p.dir, "etc", name), []byte(text), 0o644); err != nil { //nolint:gosec // for Postfix's users
			return err
		}
	}
	owner, err := exec.Command("id", "-u", "postfix").Output()
	if err != nil {
		return fmt.Errorf("bench: Postfix is not installed (make deps): %w", err)
	}
	var uid int
	if _, err := fmt.Sscan(strings.TrimSpace(string(owner)), &uid); err != nil {
		return err
	}
	return os.Chown(filepath.Join(p.dir, "data"), uid, -1)
}

func (p *postfix) command(ctx context.Context, verb string) error {
	cmd := exec.CommandContext(ctx, "postfix", "-c", filepath.Join(p.dir, "etc"), verb) //nolint:gosec // a bench starts programs
	cmd.Env = append(os.Environ(), "MAIL_CONFIG="+filepath.Join(p.dir, "etc"))
	if said, err := cmd.CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(p.dir, "log", "mail.log"))
		return fmt.Errorf("bench: postfix %s: %w: %.600s %.600s", verb, err, said, log)
	}
	return nil
}

func (p *postfix) awaitListening(ctx context.Context) error {
	for range 200 {
		conn, err := net.Dial("tcp", p.address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("bench: the Postfix of the bench does not answer")
}

// end stops this instance: its own master, found by its own pid file.
func (p *postfix) end() error { return p.command(context.Background(), "stop") }
