package ident_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valise.example/proto/ident"
)

func ExamplePage_Rows() {
	p := ident.Page{Size: 41, Record: ident.RecordTag("operational", "AA"), Thread: 0x5b, Digest: ident.Digest{1, 2, 3}}
	for _, row := range p.Rows() {
		fmt.Println(row)
	}
	// Output:
	// 0000 0000 29BB 1F5B FA8E
	// 0102 0300 0000 0000 0CFE
	// 0000 0000 0000 0000 0E0D
	// 0000 0000 0000 0000 BFA6
	// 0000 0000 0000 0000 5485
}

func somePage(t *rapid.T) ident.Page {
	return ident.Page{
		Size: rapid.Uint64Max(ident.MaxPageSize).Draw(t, "size"), Thread: rapid.Byte().Draw(t, "thread"),
		Record: [2]byte(rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "record")), Digest: someDigest(t),
	}
}

func someDigest(t *rapid.T) ident.Digest {
	return ident.Digest(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
}

// typed is text as a person may type it: blanks, hyphens and case as it comes.
func typed(t *rapid.T, s string) string {
	var b strings.Builder
	for _, r := range s {
		if rapid.Bool().Draw(t, "lower") {
			r = []rune(strings.ToLower(string(r)))[0]
		}
		b.WriteRune(r)
		b.WriteString(rapid.SampledFrom([]string{"", "", "", " ", "-", "\n", "\t", "\u00a0"}).Draw(t, "between"))
	}
	return b.String()
}

func same(a, b *ident.Page) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// What is printed is read back, however it is typed. docs/protocol.md §9.6
func TestPaperIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		page, d := somePage(t), someDigest(t)
		for text, want := range map[string]*ident.Page{page.String(): &page, strings.Join(d.Rows(), " "): nil, d.String(): nil} {
			got, digest, err := ident.ParsePaper(typed(t, text))
			if err != nil || !same(got, want) || want == nil && digest != d {
				t.Fatalf("%q is read as %v, %v, %v", text, got, digest, err)
			}
		}
	})
}

// Any one digit that is another names its row, and so do a group left out, a group too many and two
// rows in each other's place. docs/protocol.md §9.6
func TestASlipNamesItsRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := somePage(t).Rows()
		if rapid.Bool().Draw(t, "message") {
			rows = someDigest(t).Rows()
		}
		row := rapid.IntRange(0, len(rows)-1).Draw(t, "row")
		groups := strings.Fields(rows[row])
		at := rapid.IntRange(0, len(groups)-1).Draw(t, "group")
		want := row + 1
		switch rapid.SampledFrom([]string{"digit", "letter", "swapped rows", "more"}).Draw(t, "slip") {
		case "digit":
			b, _ := hex.DecodeString(groups[at])
			b[rapid.IntRange(0, 1).Draw(t, "byte")] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
			groups[at] = hex.EncodeToString(b)
			rows[row] = strings.Join(groups, " ")
		case "letter":
			rows[row] = rows[row][:len(rows[row])-1] + rapid.SampledFrom([]string{"O", "l", "\u0663", "\x00"}).Draw(t, "letter")
		case "swapped rows":
			other := (row + 1) % len(rows)
			rows[row], rows[other], want = rows[other], rows[row], min(row, other)+1
		case "more":
			rows, want = append(rows, "0"), len(rows)+1
		}
		_, _, err := ident.ParsePaper(strings.Join(rows, " "))
		if got := ident.MistypedRow(err); got != want {
			t.Fatalf("row %d is named, want %d: %v", got, want, err)
		}
	})
	page := ident.Page{Size: 7, Digest: ident.Digest{9}}
	for left := range 25 {
		groups := strings.Fields(page.String())
		_, _, err := ident.ParsePaper(strings.Join(append(groups[:left:left], groups[left+1:]...), " "))
		if got, want := ident.MistypedRow(err), left/5+1; got != want {
			t.Errorf("without group %d row %d is named, want %d", left+1, got, want)
		}
	}
}

// A digest of a message and a page are never taken for each other, nor one record's for another's.
func TestPaperOfAnother(t *testing.T) {
	page := ident.Page{Size: 3, Record: ident.RecordTag("operational", "AA")}
	if _, _, err := ident.ParsePaper(strings.Join(page.Rows()[:4], "")); ident.MistypedRow(err) != 1 {
		t.Errorf("four rows of a page are taken for a digest: %v", err)
	}
	seen := map[[2]byte]string{}
	for _, r := range []struct{ realm, state string }{{"operational", "AA"}, {"operational", "ZZ"}, {"operationalA", "A"}} {
		tag := ident.RecordTag(ident.Realm(r.realm), ident.State(r.state))
		if other, is := seen[tag]; is {
			t.Errorf("%v has the tag of %s", r, other)
		}
		seen[tag] = r.realm + r.state
	}
}

// Whatever is typed is refused with a row, or is printed again as what it was. docs/protocol.md §9.6
func FuzzParsePaper(f *testing.F) {
	page := ident.Page{Size: 7, Record: [2]byte{1, 2}, Thread: 3, Digest: ident.Digest{9}}
	d := ident.Digest{1}
	for _, s := range []string{"", page.String(), strings.Join(d.Rows(), "\n"), d.String(), page.String() + "0", "O" + page.String(), "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		page, d, err := ident.ParsePaper(s)
		if err != nil {
			if row := ident.MistypedRow(err); row < 1 || row > 6 {
				t.Fatalf("%q: row %d", s, row)
			}
			return
		}
		digits := strings.ToUpper(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }), ""))
		again := strings.Join(d.Rows(), "")
		if page != nil {
			again = page.String()
		} else if len(digits) == 64 {
			again = d.String()
		}
		if again = strings.ToUpper(strings.Join(strings.Fields(again), "")); !bytes.Equal([]byte(again), []byte(digits)) {
			t.Fatalf("%q is printed again as %q", s, again)
		}
	})
}
