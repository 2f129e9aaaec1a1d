package console_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"valise.example/api/console"
	valisev1 "valise.example/proto/valise/v1"
)

// TestWhatTheNodeRefusesComesBack: what only the node can know is told on the form, beside the field that
// the node names, and nothing has to be written again.
func TestWhatTheNodeRefusesComesBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans", func(m *valisev1.Inquiry) {
		m.PreferredChannels = []*valisev1.Channel{{Kind: "phone", Address: "+999 000 0001"}}
	})
	birch := s.opened(t, "XB", "en", undoSoon)
	birch.until("", "Scans")
	birch.writes(thread, "channel_answer", "decision", "counter", "text", "Not by telephone.")
	birch.press("/send")
	birch.sees(`role="alert"`, `href="#f-channel-kind"`, `id="f-channel-kind-fault"`, "Fill this in.", "Not by telephone.", `value="counter" checked`)
	birch.fills("decision", "counter", "channel.kind", "email", "channel.address", "desk@cert.example", "text", "Not by telephone.")
	check := birch.url
	birch.get(strings.TrimSuffix(check, "/check"))
	birch.seesNot(`role="alert"`)
	birch.get(check)
	birch.press("/send")
	birch.sees("What happens next")

	birch.writes(thread, "refer", "text", "See our ministry.")
	birch.press("/send")
	birch.sees(`role="alert"`, `href="#f-to"`, `id="f-to-fault"`, "Fill this in.", "See our ministry.")
}

// TestRefusalLeadsToItsStep: the node names a field of the contract, and the page leads to the
// step and the field where that is written.
func TestRefusalLeadsToItsStep(t *testing.T) {
	s := newStage(t, "XA", "XB")
	alder := s.opened(t, "XA", "fr", undoSoon, func(c *console.Config) {
		c.Conn = bent{c.Conn, func(method string, _ proto.Message) error {
			if strings.HasSuffix(method, "/SendInquiry") {
				return refusedAt("PAYLOAD", "inquiry.preferred_channels[0].address")
			}
			return nil
		}}
	})
	alder.begins("inquiry", "XB/technical")
	alder.step("step-4", "originator.name", "N. Oduya", "originator.email", "desk@cert.example")
	alder.step("step-1", "preferred_channel[1].kind", "phone", "preferred_channel[1].address", "+999 000 0001")
	alder.step("check", "originator.name", "N. Oduya", "originator.email", "desk@cert.example")
	alder.press("/send")
	if !strings.HasSuffix(alder.url, "/step/4") {
		t.Fatalf("it comes back on %s", alder.url)
	}
	alder.sees(`href="#f-preferred-channel-1--address"`, `id="f-preferred-channel-1--address-fault"`, `value="&#43;999 000 0001"`)
}

// TestRefusedFileComesBack beside the field where it is chosen, with all that was brought before.
func TestRefusedFileComesBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	forgets := false
	birch := s.opened(t, "XB", "en", undoSoon, func(c *console.Config) {
		c.Conn = bent{c.Conn, func(method string, _ proto.Message) error {
			if forgets && strings.HasSuffix(method, "/Reply") {
				return refusedAt("BAD_ATTACHMENT", "attachments")
			}
			return nil
		}}
	})
	birch.until("", "Scans")
	birch.get("thread/" + thread)
	birch.press("/write/answer")
	draft := birch.url
	birch.press(draft[strings.LastIndex(draft, "/draft/"):], "next", "files", "outcome", "full", "narrative", "See the log.")
	birch.brings(draft+"/attach", "log.txt", "04:10 scan")
	for name, c := range map[string]struct {
		file   string
		pieces []string
		says   string
	}{
		"a name that turns":      {"log\u202etxt.exe", []string{"a"}, "Its name cannot travel"},
		"a name of a device":     {"con.txt", []string{"a"}, "Its name cannot travel"},
		"a name that is there":   {"LOG.txt", []string{"a"}, "A file of this name is there already"},
		"two at a time":          {"two.txt", []string{"a", "b"}, "One at a time"},
		"no file":                {"", []string{"a"}, "Choose a file"},
		"larger than a file may": {"big.bin", []string{strings.Repeat("0123456789abcdef", 4<<20) + "x"}, "at most 64 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			birch.t = t
			birch.brings(draft+"/attach", c.file, c.pieces...)
			if birch.status != http.StatusUnprocessableEntity {
				t.Errorf("it is answered %d", birch.status)
			}
			birch.sees(`role="alert"`, `href="#file"`, `id="file-fault"`, `aria-describedby="file-fault"`, c.says, "log.txt")
		})
	}
	birch.t = t
	birch.get(draft)
	birch.sees("See the log.")
	forgets = true
	birch.fills("outcome", "full", "narrative", "See the log.")
	birch.press("/send")
	birch.sees(`role="alert"`, "/files\"", "See the log.")
}

// TestFileFarTooLargeIsToldOnItsPage: in the officer's language, with how large a file may be; what was written and
// brought before stands there still, and the node is not asked to take any of it.
func TestFileFarTooLargeIsToldOnItsPage(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/technical", "Scans")
	var uploads atomic.Int64
	birch := s.opened(t, "XB", "fr", undoSoon, func(c *console.Config) { c.Conn = counted{c.Conn, &uploads} })
	birch.until("", "Scans")
	birch.get("thread/" + thread)
	birch.press("/write/answer")
	draft := birch.url
	birch.press(draft[strings.LastIndex(draft, "/draft/"):], "next", "files", "outcome", "full", "narrative", "Voir le journal.")
	birch.brings(draft+"/attach", "log.txt", "04:10 scan")
	birch.brings(draft+"/attach", "image.bin", strings.Repeat("0123456789abcdef", 5<<20))
	if birch.status != http.StatusUnprocessableEntity || uploads.Load() != 1 {
		t.Errorf("it is answered %d, and the node was brought %d files", birch.status, uploads.Load())
	}
	birch.sees(`lang="fr"`, `role="alert"`, `id="file-fault"`, "Il est trop volumineux\u00a0: 64 MiB au plus.", "log.txt")
	birch.get(draft)
	birch.sees("Voir le journal.")
}

// counted is a door at which it is seen how many files are brought.
type counted struct {
	grpc.ClientConnInterface
	uploads *atomic.Int64
}

func (c counted) NewStream(ctx context.Context, d *grpc.StreamDesc, method string, o ...grpc.CallOption) (grpc.ClientStream, error) {
	if strings.HasSuffix(method, "/UploadAttachment") {
		c.uploads.Add(1)
	}
	return c.ClientConnInterface.NewStream(ctx, d, method, o...)
}
