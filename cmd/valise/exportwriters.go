package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// exportWriter writes an export in one form, piece by piece.
type exportWriter interface {
	begin(head *valisev1.ExportHead) error
	add(piece *valisev1.ExportRecordResponse) error
	end(head *valisev1.ExportHead) error
}

func newExportWriter(form string, w io.Writer, s speech) exportWriter {
	switch form {
	case "csv":
		return &tableWriter{rows: csv.NewWriter(w)}
	case "paper":
		return &paperWriter{w: w, s: s}
	case "proof":
		return &proofWriter{w}
	}
	return &jsonWriter{w}
}

// jsonWriter writes the messages of the contract as JSON, one a line.
type jsonWriter struct{ w io.Writer }

// begin hands on all of the head but what stays here: that is for whoever makes the export. A-11 s2
func (j *jsonWriter) begin(head *valisev1.ExportHead) error {
	given := proto.CloneOf(head)
	given.LeftOut = nil
	return j.line(&valisev1.ExportRecordResponse{Head: given})
}

func (j *jsonWriter) add(piece *valisev1.ExportRecordResponse) error { return j.line(piece) }

func (j *jsonWriter) end(*valisev1.ExportHead) error { return nil }

func (j *jsonWriter) line(m proto.Message) error {
	b, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, b); err != nil { // protojson puts blanks where it likes
		return err
	}
	line.WriteByte('\n')
	_, err = line.WriteTo(j.w)
	return err
}

// proofWriter writes ExchangeProofs, each after its length as a varint. docs/protocol.md §9.4
type proofWriter struct{ w io.Writer }

func (*proofWriter) begin(*valisev1.ExportHead) error { return nil }

func (x *proofWriter) add(piece *valisev1.ExportRecordResponse) error {
	if piece.GetProof() == nil {
		return nil
	}
	_, err := protodelim.MarshalOptions{MarshalOptions: proto.MarshalOptions{Deterministic: true}}.MarshalTo(x.w, piece.GetProof())
	return err
}

func (*proofWriter) end(*valisev1.ExportHead) error { return nil }

// tableWriter writes one row an item. reliability.md 44
type tableWriter struct {
	rows  *csv.Writer
	realm string
}

func (t *tableWriter) begin(head *valisev1.ExportHead) error {
	t.realm = head.GetRealm()
	return t.rows.Write([]string{"item", "recorded", "type", "kind", "from", "to", "thread", "message", "digest", "officer", "role", "title", "text", "realm"})
}

func (t *tableWriter) add(piece *valisev1.ExportRecordResponse) error {
	v := piece.GetItem().GetItem()
	item := v.GetItem()
	row := []string{
		strconv.FormatUint(item.GetNumber(), 10), clock(item.GetRecorded()), itemTypeName(item.GetType()), kindName(item.GetKind()),
		v.GetFrom(), v.GetTo(), v.GetThread(), v.GetMessage(), v.GetDigest(), item.GetOfficer(), item.GetRole(), itemTitle(piece.GetItem()), itemText(inEnglish(), piece.GetItem()), t.realm,
	}
	for i := range row {
		row[i] = cell(row[i])
	}
	if err := t.rows.Write(row); err != nil {
		return err
	}
	t.rows.Flush()
	return t.rows.Error()
}

func (t *tableWriter) end(*valisev1.ExportHead) error {
	t.rows.Flush()
	return t.rows.Error()
}

// cell is text that no spreadsheet takes for a formula, whatever blanks or marks stand before its
// first sign, and in whichever line of it. reliability.md 44
func cell(s string) string {
	lines := strings.Split(clean(s), "\n")
	for i, line := range lines {
		first := strings.TrimLeftFunc(line, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Mn) || r == '"' || r == '\ufffd'
		})
		if first != "" && strings.ContainsRune("=+-@|%＝＋－＠﹢﹣﹦﹫−", []rune(first)[0]) {
			lines[i] = "'" + line
		}
	}
	return strings.Join(lines, "\n")
}

// itemTitle is the title of what an item says, where it has one.
func itemTitle(x *valisev1.ExportedItem) string {
	if titled, ok := unwrap(x.GetPayload()).(interface{ GetTitle() string }); ok {
		return titled.GetTitle()
	}
	return ""
}

// itemText is what an item says, in words.
func itemText(s speech, x *valisev1.ExportedItem) string {
	if payload := unwrap(x.GetPayload()); payload != nil {
		return strings.TrimSpace(draft.Format(payload))
	}
	item := x.GetItem().GetItem()
	if log := item.GetContactLog(); log != nil {
		return strings.TrimSpace(strings.Join([]string{log.GetPerson(), log.GetDetail(), log.GetNote()}, "\n"))
	}
	if fact := item.GetExport(); fact != nil {
		return s.say(s.Record.TakenOut, "items", decimal(fact.GetItems()), "whom", orElse(s.theirs(fact.GetThirdParty()), s.Record.OwnArchive.String()))
	}
	return item.GetNote()
}

// paperWriter writes a page of text for people.
type paperWriter struct {
	w io.Writer
	s speech
	// pages asks for what stands under the threads that were printed whole; nil: there is none.
	pages func(size uint64) ([]*valisev1.GetPaperResponse, error)
	last  uint64 // the last item that was printed
}

func (p *paperWriter) begin(head *valisev1.ExportHead) error {
	s := p.s
	label := func(label locale.Text, value string) string { return s.fact(label.String(), 8, value) }
	whom, officer := s.theirs(flat(head.GetThirdParty())), s.theirs(head.GetOfficer())
	lines := append(p.banner(head),
		s.line(s.say(s.Record.FromRecord, "state", s.theirs(head.GetState()))),
		label(s.RecordLabel.Realm, s.theirs(head.GetRealm())),
		label(s.RecordLabel.Taken, s.say(s.Record.TakenBy, "time", s.at(head.GetAt()), "officer", orElse(officer, s.Record.AnOfficer.String()), "item", decimal(head.GetItem()))),
		label(s.RecordLabel.Whom, orElse(whom, s.Record.OwnArchive.String())),
	)
	for _, c := range head.GetConsents() {
		lines = append(lines, label(s.RecordLabel.Consent, s.say(s.Record.ConsentOf, "consent", s.theirs(c.GetConsent()), "peer", s.theirs(c.GetPeer()))))
		for _, text := range c.GetConditions() {
			lines = append(lines, "         "+s.line(s.say(s.Consent.Condition, "condition", s.theirs(flat(text)))))
		}
	}
	return p.write(append(lines, strings.Repeat("─", 60))...)
}

func (p *paperWriter) add(piece *valisev1.ExportRecordResponse) error {
	v, s := piece.GetItem().GetItem(), p.s
	p.last = v.GetItem().GetNumber()
	lines := []string{"", itemLine(s, v)}
	for _, fact := range []labelled{{s.RecordLabel.Thread, v.GetThread()}, {s.RecordLabel.Message, v.GetMessage()}} {
		if fact.value != "" {
			lines = append(lines, recordFact(s, labelled{fact.label, s.theirs(fact.value)}))
		}
	}
	if d, err := ident.ParseDigest(v.GetDigest()); err == nil {
		name := s.RecordLabel.Digest.String()
		for _, row := range d.Rows() {
			lines = append(lines, "  "+s.fact(name, 8, s.theirs(row)))
			name = strings.Repeat(" ", cells(name))
		}
	}
	if text := itemText(s, piece.GetItem()); text != "" {
		lines = append(lines, indent(clean(text)))
	}
	if payload := unwrap(piece.GetItem().GetPayload()); payload != nil {
		lines = append(lines, noteLines(s, payload)...)
	}
	return p.write(lines...)
}

func (p *paperWriter) end(head *valisev1.ExportHead) error {
	s := p.s
	lines := []string{"", strings.Repeat("─", 60), s.line(s.say(s.Record.AllItems, "items", decimal(head.GetItems())))}
	if p.pages != nil {
		// As of the last item that was printed: what was recorded since is not on the page.
		pages, err := p.pages(p.last + 1)
		if err != nil {
			return err
		}
		for _, page := range pages {
			lines = append(lines, pageLines(s, page)...)
		}
	}
	return p.write(append(lines, p.banner(head)...)...)
}

// banner stands at both ends of a page of an exercise and names it, so that nobody takes it for reality: it says
// so in English too, because paper goes from hand to hand.
func (p *paperWriter) banner(head *valisev1.ExportHead) []string {
	name := ident.Realm(head.GetRealm()).Name()
	if name == "" {
		return nil
	}
	return []string{p.s.line(p.s.Record.Banner.String() + " · " + p.s.theirs(name))}
}

func (p *paperWriter) write(lines ...string) error {
	_, err := io.WriteString(p.w, strings.Join(lines, "\n")+"\n")
	return err
}
