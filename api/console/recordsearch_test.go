package console_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/console"
	valisev1 "valise.example/proto/valise/v1"
)

var itemLink = regexp.MustCompile(`/record/item/([0-9]+)"`)

// items are the numbers of the items that a page of the record shows.
func (b *browser) items() (all []string) {
	for _, found := range itemLink.FindAllStringSubmatch(b.page, -1) {
		all = append(all, found[1])
	}
	return all
}

// TestRecordIsNarrowedDown by kind, by what an item tells and by its date, alone and within a thread; what cannot be
// looked for is said beside its field, and what was typed stays.
func TestRecordIsNarrowedDown(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	s.inquire(t, "XA", "XB/technical", "Another")
	keeper := s.opened(t, "XA", "en", s.as(t, "XA", "mbeki", valisev1.Role_ROLE_RECORD_KEEPER))
	keeper.until("record?type=delivery", "How far a message of ours has come")
	keeper.get("record")
	all := len(keeper.items())
	keeper.get("record?kind=inquiry&type=sent")
	if found := keeper.items(); len(found) != 2 || all <= 2 {
		t.Fatalf("two inquiries were sent, and %v of %d are found", found, all)
	}
	keeper.sees(`<option value="inquiry" selected>inquiry</option>`, `<option value="sent" selected>A message of ours</option>`, "<details open>")
	keeper.get("record?kind=inquiry&type=sent&thread=" + thread)
	if found := keeper.items(); len(found) != 1 {
		t.Errorf("one was sent in the thread, and %v are found", found)
	}
	keeper.sees(`name="thread" value="` + thread)
	keeper.get("record?since=2001-01-01T00:00&until=2001-01-02T00:00")
	keeper.sees("Nothing was found.", `value="2001-01-01T00:00"`)
	keeper.seesNot("<table")
	keeper.get("record?since=2001-01-01T00:00&kind=inquiry&type=sent")
	if len(keeper.items()) != 2 {
		t.Error("a date before all of them hides some")
	}
	for query, says := range map[string][]string{
		"since=yesterday&kind=inquiry":                  {`href="#items-since"`, `id="since-wrong"`, `aria-describedby="since-wrong"`, "That is no moment", `value="yesterday"`, `value="inquiry" selected`},
		"until=2031-02-30T00:00":                        {`href="#items-until"`, `id="until-wrong"`, `aria-describedby="until-wrong"`, "That is no moment"},
		"since=2031-02-02T00:00&until=2031-02-02T00:00": {`href="#items-until"`, "This moment has to be after the other one"},
	} {
		keeper.get("record?" + query)
		keeper.sees(append(says, `role="alert"`)...)
		if keeper.seesNot("<table", "Nothing was found"); keeper.status != http.StatusUnprocessableEntity {
			t.Errorf("%s is answered with %d", query, keeper.status)
		}
	}
	for _, query := range []string{"kind=unspecified", "kind=letter", "type=unspecified", "type=sent%00"} {
		if keeper.get("record?" + query); keeper.status != http.StatusNotFound {
			t.Errorf("%s is answered with %d", query, keeper.status)
		}
	}
	desk := s.opened(t, "XA", "en", s.as(t, "XA", "osei", valisev1.Role_ROLE_CLEARER))
	desk.get("record?kind=inquiry&since=yesterday")
	desk.seesNot("items-kind", "record/item")
}

// longRecord is a door behind which lies a record of ten thousand items, of which one page tells no more than a node
// looks at in one go.
type longRecord struct {
	grpc.ClientConnInterface
	asked []*valisev1.ListItemsRequest
}

const (
	longItems = 10_000
	longLooks = 2_000
)

func (d *longRecord) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	r, is := args.(*valisev1.ListItemsRequest)
	if !is {
		return d.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
	}
	d.asked = append(d.asked, r)
	out, from := reply.(*valisev1.ListItemsResponse), 0
	if r.GetPageToken() != "" {
		from, _ = strconv.Atoi(r.GetPageToken())
	}
	for n := from; n < longItems; n++ {
		if n == from+longLooks || len(out.GetItems()) == int(r.GetPageSize()) {
			out.NextPageToken = strconv.Itoa(n)
			return nil
		}
		if len(r.GetTypes()) == 0 || n%1000 == 999 && r.GetTypes()[0] == valisev1.ItemType_ITEM_TYPE_EXPORT {
			out.Items = append(out.Items, &valisev1.ItemView{Item: &valisev1.Item{Number: uint64(n), Type: valisev1.ItemType_ITEM_TYPE_EXPORT, Recorded: timestamppb.New(time.Unix(int64(n), 0))}})
		}
	}
	return nil
}

var moreLink = regexp.MustCompile(`<p class="pages"><a href="([^"]*)"`)

// TestLongRecordIsSearched: a page asks a node five times at most, shows what it has and leads on with the same
// question, and everything of ten thousand items is found.
func TestLongRecordIsSearched(t *testing.T) {
	s := newStage(t, "XA")
	long := new(longRecord)
	keeper := s.opened(t, "XA", "en", func(c *console.Config) {
		long.ClientConnInterface = c.Conn
		c.Conn = long
	})
	keeper.get("record?type=export&since=1970-01-01T00:00&kind=inquiry")
	if found := strings.Join(keeper.items(), " "); found != "999 1999 2999 3999 4999 5999 6999 7999 8999 9999" || len(long.asked) != 5 {
		t.Errorf("%d questions find %s", len(long.asked), found)
	}
	if r := long.asked[4]; r.GetPageToken() != "8000" || r.GetPageSize() != 42 || len(r.GetKinds()) != 1 || r.GetSince() == nil {
		t.Errorf("the last one is %v", r)
	}
	keeper.seesNot(`class="pages"`)
	long.asked = nil
	keeper.get("record?type=note")
	if keeper.sees("Nothing was found."); len(long.asked) != 5 {
		t.Errorf("for nothing a node is asked %d times", len(long.asked))
	}
	keeper.get("record?type=note&page=-1") // a place from which even five looks do not reach the end
	keeper.sees("Nothing was found so far")
	next, err := url.Parse(html.UnescapeString(moreLink.FindStringSubmatch(keeper.page)[1]))
	if err != nil || next.Query().Get("type") != "note" || next.Query().Get("page") != "9999" {
		t.Errorf("it goes on at %v, %v", next, err)
	}
	keeper.get("record")
	if n := len(keeper.items()); n != 50 {
		t.Errorf("a page of all shows %d", n)
	}
	keeper.get(html.UnescapeString(moreLink.FindStringSubmatch(keeper.page)[1]))
	if found := keeper.items(); len(found) != 50 || found[0] != "50" {
		t.Errorf("the next page shows %v", found)
	}
}
