//go:build browser

package browser

import (
	"bytes"
	"image"
	"image/png"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused is what has the focus of the keyboard.
type focused struct {
	Name                     string
	Left, Top, Width, Height float64 // in the window
	Inside                   bool    // in the window
	Seen                     bool    // nothing lies over it
}

// keys types what stays on the page: kb.Tab, a space, letters.
func (p *tab) keys(keys string) {
	p.t.Helper()
	act(p, "type", chromedp.KeyEvent(keys))
}

// back goes back to the stop before.
func (p *tab) back() {
	p.t.Helper()
	act(p, "type", chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift)))
}

// enter presses the Enter key where that leads to another page, and gives its status.
func (p *tab) enter() int64 {
	p.t.Helper()
	return p.follow("enter at "+p.at(), chromedp.KeyEvent(kb.Enter))
}

// space presses the space bar where that leads to another page, and gives its status.
func (p *tab) space() int64 {
	p.t.Helper()
	return p.follow("space at "+p.at(), chromedp.KeyEvent(" "))
}

// focus says what has the focus; nil when nothing has.
func (p *tab) focus() *focused {
	p.t.Helper()
	return run[*focused](p, "("+focusJS+").now")
}

// at names what has the focus.
func (p *tab) at() string {
	p.t.Helper()
	if f := p.focus(); f != nil {
		return f.Name
	}
	return "nothing"
}

// tabTo presses Tab until an element of sel has the focus. Every stop on the way must show that it has
// it. WCAG 2.2 2.4.7, 2.4.11
func (p *tab) tabTo(sel string) {
	p.t.Helper()
	var stops []string
	for range 200 {
		p.keys(kb.Tab)
		// A field of a day has stops within it, and looking at its ring would go back to the first of them.
		if at := p.at(); len(stops) == 0 || stops[len(stops)-1] != at {
			for _, f := range p.focusFaults() {
				p.t.Error(f)
			}
		}
		stops = append(stops, p.at())
		if run[bool](p, "("+focusJS+").is", sel) {
			return
		}
	}
	p.t.Fatalf("the keyboard does not come to %s; it came to %q", sel, stops)
}

// focusFaults says why a person would not see where the focus is; of nothing, when nothing has it.
func (p *tab) focusFaults() (faults []string) {
	p.t.Helper()
	f := p.focus()
	if f == nil {
		return nil
	}
	if !f.Inside || !f.Seen {
		faults = append(faults, "the focus is where nobody sees it: "+f.Name)
	}
	if !p.ring(f) {
		faults = append(faults, "the focus does not show: "+f.Name)
	}
	return faults
}

// ring compares pictures with and without the focus: a ring that is cut, covered or of the colour of
// what is behind it is none. A blinking caret alone is too small to count.
func (p *tab) ring(f *focused) bool {
	p.t.Helper()
	with := p.picture()
	run[bool](p, "("+focusJS+").leave")
	without := p.picture()
	run[bool](p, "("+focusJS+").back")
	const margin = 8
	scale := float64(p.zoomed)
	around := image.Rect(int((f.Left-margin)*scale), int((f.Top-margin)*scale), int((f.Left+f.Width+margin)*scale), int((f.Top+f.Height+margin)*scale))
	return float64(differing(with, without, around)) >= (f.Width+f.Height)*scale
}

// picture is what the window shows.
func (p *tab) picture() image.Image {
	p.t.Helper()
	fast := true
	shot := call(p, page.CaptureScreenshot, page.CaptureScreenshotParams{OptimizeForSpeed: &fast})
	picture, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		p.t.Fatal(err)
	}
	return picture
}

// differing counts the pixels of a part in which two pictures differ.
func differing(a, b image.Image, part image.Rectangle) (n int) {
	part = part.Intersect(a.Bounds()).Intersect(b.Bounds())
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			ar, ag, ab, _ := a.At(x, y).RGBA()
			br, bg, bb, _ := b.At(x, y).RGBA()
			if ar != br || ag != bg || ab != bb {
				n++
			}
		}
	}
	return n
}
