package console

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	backupAge = 7 * 24 * time.Hour  // older than that, a backup is worth a look
	keyEnds   = 14 * 24 * time.Hour // and so is a key that ends sooner than that
	mostSkew  = 2 * time.Minute     // between the clock of the node and that of this machine
)

// nodeReader puts the status of a node into words, and keeps the first error.
type nodeReader struct {
	f   *frame
	s   *valisev1.GetStatusResponse
	err error
}

func (r *nodeReader) say(text locale.Text, pairs ...any) template.HTML {
	return r.kept(r.f.Say(text, pairs...))
}

func (r *nodeReader) kept(words template.HTML, err error) template.HTML {
	if r.err == nil {
		r.err = err
	}
	return words
}

// at is a moment with its distance from now; empty for none.
func (r *nodeReader) at(t *timestamppb.Timestamp) template.HTML {
	if t == nil {
		return ""
	}
	return r.kept(r.f.Moment(t.AsTime())) + ` <span class="distance">` + r.kept(r.f.Distance(t.AsTime())) + `</span>`
}

func digits(n int) template.HTML {
	return template.HTML(`<bdi dir="ltr">` + strconv.Itoa(n) + `</bdi>`) //nolint:gosec // digits
}

func (r *nodeReader) reason(why valisev1.Reason) string { return r.f.v.catalog.Sentence(why) }

func (r *nodeReader) link() nodeLine {
	t, l := r.f.T.Node, r.s.GetLink()
	line := nodeLine{Name: t.Link, How: r.say(t.Connected), Last: r.at(l.GetSince())}
	if !l.GetUp() {
		line.Grade, line.How, line.Next = watch, r.say(t.NotConnected), r.say(t.Tries)
	}
	return line
}

// outbox says how many wait, since when, and why the oldest does.
func (r *nodeReader) outbox() nodeLine {
	t := r.f.T.Node
	line := nodeLine{Name: t.Outbox, How: r.say(t.Nothing)}
	var oldest *valisev1.OutboxRow
	for _, row := range r.s.GetOutbox() {
		if oldest == nil || row.GetSince().AsTime().Before(oldest.GetSince().AsTime()) {
			oldest = row
		}
	}
	if oldest == nil {
		return line
	}
	line.How, line.Last, line.Next = digits(len(r.s.GetOutbox())), r.say(t.Oldest, "time", r.at(oldest.GetSince())), r.say(t.Leaves)
	if why := oldest.GetReason(); why != valisev1.Reason_REASON_UNSPECIFIED {
		line.How = r.kept(r.f.Named(line.How, r.reason(why)))
		if why != valisev1.Reason_REASON_UNDO_HOLD { // somebody may still think better of it, and nothing is amiss
			line.Grade = watch
		}
	}
	return line
}

func (r *nodeReader) quarantine() nodeLine {
	t, rows := r.f.T.Node, r.s.GetQuarantine()
	line := nodeLine{Name: t.Quarantine, How: r.say(t.Nothing)}
	if len(rows) == 0 {
		return line
	}
	last := rows[0]
	for _, row := range rows {
		if row.GetRecorded().AsTime().After(last.GetRecorded().AsTime()) {
			last = row
		}
	}
	line.Grade, line.How = watch, r.kept(r.f.Named(digits(len(rows)), r.reason(last.GetReason())))
	line.Last, line.Next = r.at(last.GetRecorded()), r.say(t.AskSender)
	return line
}

func (r *nodeReader) gaps() nodeLine {
	t := r.f.T.Node
	line := nodeLine{Name: t.Gaps, How: r.say(t.Nothing)}
	if n := len(r.s.GetGaps()); n > 0 {
		line.Grade, line.How, line.Next = watch, digits(n), r.say(t.AskAgain)
	}
	return line
}

func (r *nodeReader) trust() nodeLine {
	t := r.f.T.Node
	line := nodeLine{Name: t.Trust, How: r.say(t.Nothing)}
	for _, q := range r.s.GetQuestions() {
		line.Grade, line.Last, line.Next = bad, r.at(q.GetSince()), r.say(t.AskContacts)
	}
	if n := len(r.s.GetQuestions()); n > 0 {
		line.How = digits(n)
	}
	return line
}

func (r *nodeReader) directory() nodeLine {
	t := r.f.T.Node
	line := nodeLine{Name: t.Directory, How: r.say(t.ListNumber, "number", digits(int(r.s.GetDirectoryNumber()))), Next: r.say(t.ListComes)}
	if r.s.GetDirectoryNumber() == 0 {
		line.Grade, line.How = bad, r.say(t.NoList)
	}
	if r.s.GetDirectoryStale() {
		line.Grade, line.Next = watch, r.say(t.ListStale)
	}
	seen := r.s.GetRelayedDirectory()
	if seen.GetLooked() != nil {
		line.Last = r.say(t.Looked, "time", r.at(seen.GetLooked()))
	}
	if why := seen.GetRefused(); why != valisev1.Reason_REASON_UNSPECIFIED {
		line.Grade = max(line.Grade, watch)
		line.How += " " + r.say(t.Refused, "reason", r.reason(why))
	}
	return line
}

// keys says when the first of those in use ends.
func (r *nodeReader) keys() nodeLine {
	t := r.f.T.Node
	line := nodeLine{Name: t.Keys, How: r.say(t.Nothing), Grade: watch}
	var first *timestamppb.Timestamp
	for _, k := range r.s.GetKeys() {
		if k.GetCurrent() && k.GetUntil() != nil && (first == nil || k.GetUntil().AsTime().Before(first.AsTime())) {
			first = k.GetUntil()
		}
	}
	if first == nil {
		return line
	}
	line.How, line.Next, line.Grade = r.say(t.KeyEnds, "time", r.at(first)), r.say(t.KeyNext), good
	if first.AsTime().Sub(r.f.v.now) < keyEnds {
		line.Grade = watch
	}
	return line
}

func (r *nodeReader) backup() nodeLine {
	t, last := r.f.T.Node, r.s.GetLastBackup()
	if last == nil {
		return nodeLine{Name: t.Backup, Grade: watch, How: r.say(t.NoBackup), Last: r.say(t.Never), Next: r.say(t.MakeBackup)}
	}
	line := nodeLine{Name: t.Backup, How: r.kept(r.f.Distance(last.AsTime())), Last: r.at(last)}
	if r.f.v.now.Sub(last.AsTime()) > backupAge {
		line.Grade, line.Next = watch, r.say(t.MakeBackup)
	}
	return line
}

func (r *nodeReader) verified() nodeLine {
	t, last := r.f.T.Node, r.s.GetLastVerification()
	switch {
	case last == nil:
		return nodeLine{Name: t.Verified, How: r.say(t.NotYet), Next: r.say(t.StartCheck)}
	case !last.GetOk():
		return nodeLine{Name: t.Verified, Grade: bad, How: r.say(t.WasDamaged), Last: r.at(last.GetAt())}
	}
	return nodeLine{Name: t.Verified, How: r.say(t.WasWhole), Last: r.at(last.GetAt()), Next: r.say(t.StartCheck)}
}

func (r *nodeReader) clock() nodeLine {
	t := r.f.T.Node
	line := nodeLine{Name: t.Clock, How: r.say(t.ClockAgrees)}
	if off := r.s.GetNow().AsTime().Sub(r.f.v.now).Abs(); off > mostSkew {
		line.Grade, line.How, line.Next = watch, r.say(t.ClockDiffers, "duration", r.kept(r.f.duration(off))), r.say(t.ClockSet)
	}
	return line
}

// calls says whether people are called to the desk. docs/protocol.md §12.7
func (r *nodeReader) calls() nodeLine {
	t, a := r.f.T.Node, r.s.GetAttention()
	if a == nil {
		return nodeLine{Name: t.Calls, Grade: watch, How: r.say(t.NoCalls), Next: r.say(t.CallsSet)}
	}
	line := nodeLine{Name: t.Calls, How: r.say(t.CallsOn), Last: r.at(a.GetLast())}
	if a.GetLastQuiet() != nil {
		line.Last += " " + r.say(t.LastQuiet, "time", r.at(a.GetLastQuiet()))
	}
	if len(a.GetFailing()) > 0 {
		line.Grade, line.How = bad, r.say(t.CallsFailing, "ways", strings.Join(a.GetFailing(), ", "))
	}
	return line
}
