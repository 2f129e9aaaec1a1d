package console

import (
	"crypto/sha256"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// pieces are what a node gives that does not do what it should.
type pieces struct {
	grpc.ServerStreamingClient[valisev1.GetAttachmentResponse]
	left []string
	end  error
}

func (p *pieces) Recv() (*valisev1.GetAttachmentResponse, error) {
	if len(p.left) == 0 {
		return nil, p.end
	}
	next := p.left[0]
	p.left = p.left[1:]
	return &valisev1.GetAttachmentResponse{Data: []byte(next)}, nil
}

// TestDamagedFileIsNotServed: what is not the file that was named never looks whole to a browser.
func TestDamagedFileIsNotServed(t *testing.T) {
	sum := sha256.Sum256([]byte("one two"))
	broke := errors.New("the node went away")
	for name, c := range map[string]struct {
		pieces []string
		end    error
		want   string // that the browser gets
		fails  bool
	}{
		"whole":          {[]string{"one ", "two"}, io.EOF, "one two", false},
		"one piece":      {[]string{"one two"}, io.EOF, "one two", false},
		"damaged":        {[]string{"one three"}, io.EOF, "", true},
		"damaged later":  {[]string{"one ", "three"}, io.EOF, "one ", false},
		"nothing":        {nil, io.EOF, "", true},
		"breaks off":     {[]string{"one two"}, broke, "", true},
		"breaks off mid": {[]string{"one ", "two"}, broke, "one ", false},
	} {
		v := reader(t, locale.English)
		answer := httptest.NewRecorder()
		v.w = answer
		err := v.handOver(&valisev1.AttachmentView{SaveAs: "a.txt", Size: 7, Sha256: hexOf(sum[:])}, &pieces{left: c.pieces, end: c.end})
		if answer.Body.String() != c.want || (err != nil) != c.fails {
			t.Errorf("%s: the browser gets %q and the page %v", name, answer.Body, err)
		}
		if got := answer.Header().Get("Content-Length"); c.want != "" && got != "7" {
			t.Errorf("%s: the length is %q, so that a short one is not seen", name, got)
		}
	}
}

// TestDisposition: whatever a file is called, its name neither ends the header nor leaves the folder.
func TestDisposition(t *testing.T) {
	for _, name := range hostile {
		got := disposition(ident.SafeFileName(name))
		if !strings.HasPrefix(got, `attachment; filename="`) || strings.Count(got, `"`) != 2 || strings.ContainsAny(got, "\r\n\x00\\/<>") {
			t.Errorf("%q is saved by %q", name, got)
		}
		for _, r := range got {
			if r < ' ' || r > '~' {
				t.Errorf("%q leaves %U in a header", name, r)
			}
		}
	}
}
