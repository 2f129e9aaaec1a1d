package console

import (
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// longAnswer is how long a look at a whole record, or an export of it, may take.
const longAnswer = time.Hour

type recordPage struct {
	*frame
	Head     *valisev1.GetHeadResponse
	Verified *valisev1.VerifyRecordResponse // what a look at the whole record said; nil: there was none
	States   []string
	Of       string // whose threads were looked for; empty: all
	Searched bool
	Threads  []*valisev1.ThreadView
	Thread   string // whose items these are; empty: all
	Find     itemSearch
	Items    []itemRow
	Next     string
}

// itemRow is one line of the record.
type itemRow struct {
	f *frame
	*valisev1.ItemView
}

// record is the confidential record: its head for everybody, its items for those who keep it. A-11 s3
func (v *visit) record() error { return v.showRecord(nil) }

// verify looks at the whole record, and says in words what it found. P5
func (v *visit) verify() error {
	if err := http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(longAnswer)); err != nil {
		return err
	}
	found, err := v.c.door.record.VerifyRecord(v.ctx(), &valisev1.VerifyRecordRequest{})
	if err != nil {
		return err
	}
	return v.showRecord(found)
}

func (v *visit) showRecord(found *valisev1.VerifyRecordResponse) error {
	head, err := v.c.door.record.GetHead(v.ctx(), &valisev1.GetHeadRequest{})
	if err != nil {
		return err
	}
	p := &recordPage{frame: v.inner(v.t.Frame.Record, "record"), Head: head, Verified: found, States: v.states()}
	if err := v.search(p); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Find.Period.Bad() {
		status = http.StatusUnprocessableEntity
	}
	v.show(status, "record", p)
	return nil
}

// states are those of the directory that could be on the other side of a thread.
func (v *visit) states() (codes []string) {
	v.named("") // so that the directory has been read
	v.c.names.mu.Lock()
	defer v.c.names.mu.Unlock()
	for code := range v.c.names.known {
		if code != v.c.state.String() {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// search finds threads by the State, or items by their thread, as far as this officer may look.
func (v *visit) search(p *recordPage) error {
	query := v.r.URL.Query()
	p.Of, p.Searched = query.Get("state"), query.Has("state")
	if p.Of != "" && !stateCode.MatchString(p.Of) {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	if p.Thread = query.Get("thread"); p.Thread != "" && !wholeID.MatchString(p.Thread) {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	switch {
	case p.Searched && p.Reads():
		list, err := v.c.door.inquiry.ListThreads(v.ctx(), &valisev1.ListThreadsRequest{Peer: p.Of, PageSize: pageRows, PageToken: query.Get("page")})
		if err != nil {
			return err
		}
		p.Threads, p.Next = list.GetThreads(), list.GetNextPageToken()
	case p.Keeps():
		if err := p.Find.read(query); err != nil || p.Find.Period.Bad() {
			return err
		}
		return v.findItems(p, query.Get("page"))
	}
	return nil
}

type itemPage struct {
	*frame
	itemRow
}

// item is one line of the record.
func (v *visit) item() error {
	n, err := strconv.ParseUint(v.r.PathValue("item"), 10, 64)
	if err != nil {
		return refuse(valisev1.Reason_REASON_NOT_FOUND)
	}
	found, err := v.c.door.record.GetItem(v.ctx(), &valisev1.GetItemRequest{Item: n})
	if err != nil {
		return err
	}
	p := &itemPage{frame: v.inner(v.t.Frame.Record, "record")}
	p.itemRow = itemRow{p.frame, found.GetItem()}
	v.show(http.StatusOK, "item", p)
	return nil
}

// What says what an item tells of.
func (r itemRow) What() locale.Text { return r.f.itemType(r.GetItem().GetType()) }

// itemType is what items of a type tell.
func (f *frame) itemType(of valisev1.ItemType) locale.Text {
	t := f.T.Record
	all := []locale.Text{
		t.TypeUnknown, t.TypeSent, t.TypeReceived, t.TypeRefused, t.TypeQuarantined, t.TypeReceipt, t.TypeDelivery, t.TypeContact,
		t.TypeNote, t.TypeDirectory, t.TypeDraft, t.TypeNode, t.TypeAttachment, t.TypeLink, t.TypeExport, t.TypeOpened,
		t.TypeAttention, t.TypePrune, t.TypeCheck, t.TypeTrust, t.TypeOtherDirectory,
	}
	if n := int(of); n > 0 && n < len(all) {
		return all[n]
	}
	return t.TypeUnknown
}

// Why says why something was refused or kept apart; empty where nothing was.
func (r itemRow) Why() string {
	if why := r.GetItem().GetReason(); why != valisev1.Reason_REASON_UNSPECIFIED {
		return r.f.v.catalog.Sentence(why)
	}
	return ""
}

// hexadecimal digits of a hash, and nothing else.
var hexadecimal = regexp.MustCompile(`^[0-9a-f]*$`)

// Fours is a hash in groups of four, so that it can be compared by eye and by telephone.
func (f *frame) Fours(hash string) template.HTML {
	if !hexadecimal.MatchString(hash) {
		return peerText(hash)
	}
	var groups []string
	for group := range slices.Chunk([]byte(hash), 4) {
		groups = append(groups, string(group))
	}
	return template.HTML(`<code dir="ltr">` + strings.Join(groups, " ") + `</code>`) //nolint:gosec // hexadecimal digits
}
