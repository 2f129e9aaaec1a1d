package console_test

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"valise.example/api/console"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

var rowsOnPage = regexp.MustCompile(`<pre class="rows" dir="ltr">([0-9A-F \n]*)</pre>`)

// rows are the digests on the page that is shown, in order; the last one is that of the page.
func (b *browser) rows() (all []string) {
	b.t.Helper()
	for _, found := range rowsOnPage.FindAllStringSubmatch(b.page, -1) {
		all = append(all, found[1])
	}
	if len(all) == 0 {
		b.t.Fatalf("no digest is printed:\n%s", b.page)
	}
	return all
}

// asks types the digest of a paper.
func (b *browser) asks(digest string) {
	b.t.Helper()
	b.get("record/paper")
	b.press("/record/paper", "digest", digest)
}

// TestPaper prints a thread and checks the paper years later: what was said since changes nothing, a slip
// is named by its row, and the paper of another State is told from a record that was changed.
// docs/protocol.md §9.6
func TestPaper(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators", func(m *valisev1.Inquiry) {
		m.Preamble.OwnReference, m.Preamble.Tlp = "XA-2031/17", valisev1.Tlp_TLP_GREEN
	})
	alder, birch := s.opened(t, "XA", "en"), s.opened(t, "XB", "fr")
	birch.until("", "Scans of energy operators")
	birch.get("thread/" + thread)
	birch.sees(`thread/` + thread + `/print"`)
	birch.get("thread/" + thread + "/print")
	birch.sees("Utilisez l’impression de votre navigateur", "XA-2031/17", `lang="en" dir="ltr">Exercise<`, "Imprimé par", "TLP:GREEN", "N. Oduya")
	birch.seesNot("TLP:AMBER")
	paper := birch.rows()
	if len(paper) != 2 || strings.Count(paper[0], "\n") != 3 || strings.Count(paper[1], "\n") != 4 {
		t.Fatalf("a message and a page are printed as %q", paper)
	}

	birch.get("thread/" + thread)
	birch.press("/acknowledge")
	birch.asks(strings.ToLower(paper[1]))
	birch.sees("Le registre contenait exactement cela", thread, paper[0])
	birch.asks(paper[0])
	birch.sees("Ce message figure dans le registre")
	birch.asks(strings.Replace(paper[1], "\n", "\nA", 1))
	if birch.sees(`role="alert"`, "La ligne <bdi>2</bdi> comporte une faute de frappe", `aria-describedby="digest-fault"`); birch.status != 422 {
		t.Errorf("a slip is answered with %d", birch.status)
	}
	alder.asks(paper[1])
	alder.sees("This is not of our record")
	alder.seesNot("does not lead")
	birch.get("thread/" + thread + "/print?part=2")
	if birch.status != 404 {
		t.Errorf("a part that is none is answered with %d", birch.status)
	}
}

// bent is a door through which something else is answered.
type bent struct {
	grpc.ClientConnInterface
	bend func(method string, reply proto.Message) error
}

func (b bent) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	if err := b.ClientConnInterface.Invoke(ctx, method, args, reply, opts...); err != nil {
		return err
	}
	return b.bend(method, reply.(proto.Message))
}

func refused(reason string) error { return refusedAt(reason, "") }

// refusedAt is a refusal that names its field, by the detail that every API has for it.
func refusedAt(reason, field string) error {
	all := []protoadapt.MessageV1{&errdetails.ErrorInfo{Domain: "valise.example", Reason: reason}}
	if field != "" {
		all = append(all, &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: field}}})
	}
	s, err := status.New(codes.FailedPrecondition, "no").WithDetails(all...)
	if err != nil {
		return err
	}
	return s.Err()
}

// TestPaperOfOddNodes: a thread that is too long for one go, a node without a tree, and a record that is
// not what it was.
func TestPaperOfOddNodes(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	desk := func(bend func(method string, reply proto.Message) error) *browser {
		return s.opened(t, "XA", "en", func(c *console.Config) { c.Conn = bent{c.Conn, bend} })
	}
	long := desk(func(_ string, reply proto.Message) error {
		if r, ok := reply.(*valisev1.GetThreadResponse); ok && len(r.GetMessages()) > 0 {
			for len(r.Messages) < 202 {
				r.Messages = append(r.Messages, r.Messages[0])
			}
		}
		return nil
	})
	long.get("thread/" + thread + "/print")
	long.sees("Part <bdi>1</bdi> of <bdi>2</bdi>", "Each part carries the same digest")
	if n := strings.Count(long.page, "<article"); n != 200 {
		t.Errorf("the first part has %d messages", n)
	}
	first := long.rows()
	link := regexp.MustCompile(`href="([^"]*part=2)"`).FindStringSubmatch(long.page)
	if link == nil {
		t.Fatal("nothing leads to the second part")
	}
	s.supplement(t, "XA", thread)
	long.get(strings.ReplaceAll(link[1], "&amp;", "&"))
	long.sees("Part <bdi>2</bdi> of <bdi>2</bdi>")
	if second := long.rows(); second[len(second)-1] != first[len(first)-1] {
		t.Error("two parts of one moment have two digests")
	}

	bare := desk(func(method string, _ proto.Message) error {
		if strings.HasSuffix(method, "/GetPaper") {
			return refused("BAD_CONFIG")
		}
		return nil
	})
	bare.get("thread/" + thread + "/print")
	bare.sees("This node keeps no tree over its record", "Printed by")
	bare.seesNot(`class="rows"`)

	changed := desk(func(_ string, reply proto.Message) error {
		if r, ok := reply.(*valisev1.CheckPaperResponse); ok {
			r.Matches, r.Reason = false, valisev1.Reason_REASON_RECORD_TREE_BROKEN
		}
		if r, ok := reply.(*valisev1.GetStatusResponse); ok {
			r.LastVerification = &valisev1.Verification{}
		}
		return nil
	})
	changed.post("record/paper", url.Values{"digest": {first[len(first)-1]}})
	changed.sees("The record does not lead to this paper", "delete nothing", "no paper can be judged by it")
}

// TestPaperIsOfOneMoment: what was recorded after the head that the digest is of is not on the page, not even the very
// next item, and what was before is.
func TestPaperIsOfOneMoment(t *testing.T) {
	s := newStage(t, "XA", "XB")
	s.relay() // so that nothing is recorded but what is said here
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	records := valisev1.NewRecordServiceClient(s.dial(t, "XA"))
	head, err := records.GetHead(t.Context(), &valisev1.GetHeadRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s.supplement(t, "XA", thread)
	later, err := records.GetHead(t.Context(), &valisev1.GetHeadRequest{})
	if err != nil || later.GetSize() != head.GetSize()+1 {
		t.Fatalf("the supplement is not the next item: %v, %v", later, err)
	}
	desk := s.opened(t, "XA", "en")
	page := "thread/" + thread + "/print?size="
	desk.get(page + strconv.FormatUint(head.GetSize(), 10))
	desk.sees("Scans of energy operators")
	desk.seesNot("More of it was seen.")
	if rows := desk.rows(); len(rows) != 2 {
		t.Errorf("the page of that moment has %d digests", len(rows))
	}
	for _, size := range []string{strconv.FormatUint(later.GetSize(), 10), ""} {
		desk.get(page + size)
		desk.sees("More of it was seen.")
		if rows := desk.rows(); len(rows) != 3 {
			t.Errorf("the page of %q has %d digests", size, len(rows))
		}
	}
}

func (s *stage) supplement(t *testing.T, from ident.State, thread string) {
	t.Helper()
	_, err := valisev1.NewInquiryServiceClient(s.dial(t, from)).Reply(t.Context(), &valisev1.ReplyRequest{
		Thread:  thread,
		Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{Preamble: &valisev1.Preamble{Language: "en"}, Narrative: "More of it was seen."}}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
