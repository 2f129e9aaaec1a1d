package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// exportWriter writes an export in one form, piece by piece.
type exportWriter interface {
	begin(head *valisev1.ExportHead) error
	add(piece *valisev1.ExportRecordResponse) error
	end(head *valisev1.ExportHead) error
}

func newExportWriter(form string, w io.Writer, lang string) exportWriter {
	switch form {
	case "csv":
		return &tableWriter{csv.NewWriter(w)}
	case "paper":
		return &paperWriter{w: w, lang: lang}
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
type tableWriter struct{ rows *csv.Writer }

func (t *tableWriter) begin(*valisev1.ExportHead) error {
	return t.rows.Write([]string{"item", "recorded", "type", "kind", "from", "to", "thread", "message", "digest", "officer", "role", "title", "text"})
}

func (t *tableWriter) add(piece *valisev1.ExportRecordResponse) error {
	v := piece.GetItem().GetItem()
	item := v.GetItem()
	row := []string{
		strconv.FormatUint(item.GetNumber(), 10), clock(item.GetRecorded()), itemTypeName(item.GetType()), kindName(item.GetKind()),
		v.GetFrom(), v.GetTo(), v.GetThread(), v.GetMessage(), v.GetDigest(), item.GetOfficer(), item.GetRole(), itemTitle(piece.GetItem()), itemText(piece.GetItem()),
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
func itemText(x *valisev1.ExportedItem) string {
	if payload := unwrap(x.GetPayload()); payload != nil {
		return strings.TrimSpace(draft.Format(payload))
	}
	item := x.GetItem().GetItem()
	if log := item.GetContactLog(); log != nil {
		return strings.TrimSpace(strings.Join([]string{log.GetPerson(), log.GetDetail(), log.GetNote()}, "\n"))
	}
	if fact := item.GetExport(); fact != nil {
		return fmt.Sprintf("%d items taken out for %s", fact.GetItems(), orElse(fact.GetThirdParty(), "our own archive"))
	}
	return item.GetNote()
}

// paperWriter writes a page of text for people.
type paperWriter struct {
	w    io.Writer
	lang string
	// pages asks for what stands under the threads that were printed whole; nil: there is none.
	pages func(size uint64) ([]*valisev1.GetPaperResponse, error)
	last  uint64 // the last item that was printed
}

func (p *paperWriter) begin(head *valisev1.ExportHead) error {
	lines := p.banner(head)
	lines = append(lines,
		"From the confidential record of "+head.GetState(),
		"realm    "+head.GetRealm(),
		"taken    "+clock(head.GetAt())+" by "+orElse(clean(head.GetOfficer()), "an officer")+", item "+strconv.FormatUint(head.GetItem(), 10),
		"for      "+orElse(flat(head.GetThirdParty()), "our own archive"),
	)
	for _, c := range head.GetConsents() {
		lines = append(lines, "consent  "+c.GetConsent()+" of "+c.GetPeer())
		for _, text := range c.GetConditions() {
			lines = append(lines, "         if "+flat(text))
		}
	}
	return p.write(append(lines, strings.Repeat("─", 60))...)
}

func (p *paperWriter) add(piece *valisev1.ExportRecordResponse) error {
	v := piece.GetItem().GetItem()
	p.last = v.GetItem().GetNumber()
	lines := []string{"", itemLine(v)}
	for _, fact := range []struct{ name, value string }{{"thread", v.GetThread()}, {"message", v.GetMessage()}} {
		if fact.value != "" {
			lines = append(lines, fmt.Sprintf("  %-8s %s", fact.name, fact.value))
		}
	}
	if d, err := ident.ParseDigest(v.GetDigest()); err == nil {
		name := "digest"
		for _, row := range d.Rows() {
			lines = append(lines, fmt.Sprintf("  %-8s %s", name, row))
			name = ""
		}
	}
	if text := itemText(piece.GetItem()); text != "" {
		lines = append(lines, indent(clean(text)))
	}
	if payload := unwrap(piece.GetItem().GetPayload()); payload != nil {
		lines = append(lines, noteLines(payload, p.lang)...)
	}
	return p.write(lines...)
}

func (p *paperWriter) end(head *valisev1.ExportHead) error {
	lines := []string{"", strings.Repeat("─", 60), fmt.Sprintf("%d items", head.GetItems())}
	if p.pages != nil {
		// As of the last item that was printed: what was recorded since is not on the page.
		pages, err := p.pages(p.last + 1)
		if err != nil {
			return err
		}
		for _, page := range pages {
			lines = append(lines, pageLines(page)...)
		}
	}
	return p.write(append(lines, p.banner(head)...)...)
}

// banner stands at both ends of a page of an exercise, so that nobody takes it for reality.
func (p *paperWriter) banner(head *valisev1.ExportHead) []string {
	if !isExercise(head.GetRealm()) {
		return nil
	}
	return []string{"EXERCISE EXERCISE EXERCISE"}
}

func (p *paperWriter) write(lines ...string) error {
	_, err := io.WriteString(p.w, strings.Join(lines, "\n")+"\n")
	return err
}
