//go:build browser

package browser

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// mostPicture is how large a picture of the documentation may be.
const mostPicture = 120 << 10

// pictured are the pages of which docs/desk.md has a picture, as newWalk prepares them.
var pictured = []sight{
	{name: "desk", path: "/"},
	{name: "thread", path: "/thread/{thread}"},
	{name: "check", path: "{check}"},
	{name: "sent", path: "{sent}"},
	{name: "contacts", path: "/contacts"},
}

// TestPicturesOfTheDocumentation makes them, each small enough, and puts them where PICTURES says.
func TestPicturesOfTheDocumentation(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := newWalk(s, options{width: 1100, height: 800})
	for _, v := range pictured {
		w.see(v)
		high := min(1400, run[int64](w.tab, `(() => document.documentElement.scrollHeight)`))
		w.window(1, high)
		w.keepSmall(v.name, call(w.tab, page.CaptureScreenshot, page.CaptureScreenshotParams{}).Data)
		w.enlarge(1)
	}
	w.see(sight{name: "print", path: "/thread/{thread}/print"})
	file := w.keep("docs/print.pdf", act(w.tab, "print", chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4))))
	w.keepSmall("print", []byte(w.poppler("pdftoppm", "-png", "-singlefile", "-r", "96", file)))
}

// keepSmall keeps a picture in as many colours as a palette has.
func (p *tab) keepSmall(name string, picture []byte) {
	p.t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		p.t.Fatal(err)
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&small, reduced(full)); err != nil {
		p.t.Fatal(err)
	}
	if small.Len() > mostPicture {
		p.t.Errorf("the picture %s has %d bytes", name, small.Len())
	}
	p.keep(filepath.Join("docs", name+".png"), small.Bytes())
	if folder := os.Getenv("PICTURES"); folder != "" {
		if err := os.WriteFile(filepath.Join("..", "..", "..", folder, name+".png"), small.Bytes(), 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
}

// reduced is a picture in its most frequent colours; any other becomes the nearest of them.
func reduced(full image.Image) *image.Paletted {
	const most = 64
	counts, box := map[color.RGBA]int{}, full.Bounds()
	at := func(x, y int) color.RGBA {
		r, g, b, a := full.At(x, y).RGBA()
		return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			counts[at(x, y)]++
		}
	}
	frequent := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	for _, c := range frequent[:min(most, len(frequent))] {
		palette = append(palette, c)
	}
	small, nearest := image.NewPaletted(box, palette), map[color.RGBA]uint8{}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := at(x, y)
			i, known := nearest[c]
			if !known {
				i = uint8(palette.Index(c))
				nearest[c] = i
			}
			small.SetColorIndex(x, y, i)
		}
	}
	return small
}
