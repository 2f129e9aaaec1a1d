package report

import (
	"strconv"
	"strings"
)

// pageWidth is how wide a drawing is, in pixels of its own.
const pageWidth = 720

// Sizes of type in a drawing.
const (
	typeSize  = 11
	smallType = 10
)

// shape is one sign of a drawing, as SVG has it. Title is told to whoever points at it; Line and At are those of a
// row of the table.
type shape struct {
	Kind           string // line, rect, circle, path, text
	X, Y, X2, Y2   int
	W, H, R        int
	D              string // of a path
	Class          string
	Text, Anchor   string
	Title          string
	Line, At, Sign string
}

// canvas draws from left to right; mirrored, from right to left. Text is never mirrored: its anchor follows the
// direction of the language.
type canvas struct {
	mirrored bool
	shapes   []shape
}

func (c *canvas) x(x int) int {
	if c.mirrored {
		return pageWidth - x
	}
	return x
}

// mark is what a sign stands for.
type mark struct{ title, line, at, sign string }

func (c *canvas) add(s shape, m mark) {
	s.Title, s.Line, s.At, s.Sign = m.title, m.line, m.at, m.sign
	c.shapes = append(c.shapes, s)
}

func (c *canvas) line(x, y, x2, y2 int, class string) {
	c.add(shape{Kind: "line", X: c.x(x), Y: y, X2: c.x(x2), Y2: y2, Class: class}, mark{})
}

func (c *canvas) rect(x, y, w, h int, class string, m mark) {
	left := c.x(x)
	if c.mirrored {
		left -= w
	}
	c.add(shape{Kind: "rect", X: left, Y: y, W: w, H: h, Class: class}, m)
}

func (c *canvas) circle(x, y, r int, class string, m mark) {
	c.add(shape{Kind: "circle", X: c.x(x), Y: y, R: r, Class: class}, m)
}

// path is a polygon through points, x and y by turns.
func (c *canvas) path(class string, m mark, points ...int) {
	c.add(shape{Kind: "path", X: c.x(points[0]), D: c.way(points) + "Z", Class: class}, m)
}

// open is a line through points, not closed.
func (c *canvas) open(class string, points ...int) {
	c.add(shape{Kind: "path", X: c.x(points[0]), D: c.way(points), Class: class}, mark{})
}

func (c *canvas) way(points []int) string {
	var b strings.Builder
	for i := 0; i+1 < len(points); i += 2 {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		b.WriteString(letter + strconv.Itoa(c.x(points[i])) + " " + strconv.Itoa(points[i+1]))
	}
	return b.String()
}

// text writes at a point; anchor is start, middle or end in the direction of the language. What has no room is cut.
func (c *canvas) text(x, y, room, size int, anchor, text string) {
	class := "type"
	if size == smallType {
		class = "small"
	}
	c.add(shape{Kind: "text", X: c.x(x), Y: y, Class: class, Anchor: anchor, Text: fit(text, size, room)}, mark{})
}

// hatch shades a rectangle with lines that slope, so that it shows on any printer.
func (c *canvas) hatch(x, y, w, h int) {
	c.rect(x, y, w, h, "edge", mark{})
	var b strings.Builder
	for d := -h + 6; d < w; d += 6 {
		x1, y1, x2, y2 := x+d, y, x+d+h, y+h
		if x1 < x {
			y1, x1 = y+(x-x1), x
		}
		if x2 > x+w {
			y2, x2 = y2-(x2-x-w), x+w
		}
		b.WriteString("M" + strconv.Itoa(c.x(x1)) + " " + strconv.Itoa(y1) + "L" + strconv.Itoa(c.x(x2)) + " " + strconv.Itoa(y2))
	}
	c.add(shape{Kind: "path", X: c.x(x), D: b.String(), Class: "hatch"}, mark{})
}

// triangle points down at a point, or away from it where it is reached from above.
func (c *canvas) triangle(x, y, r int, class string, m mark) {
	c.path(class, m, x-r, y-2*r, x+r, y-2*r, x, y)
}

// diamond stands on a point.
func (c *canvas) diamond(x, y, r int, class string, m mark) {
	c.path(class, m, x-r, y, x, y-r, x+r, y, x, y+r)
}

// cross is two strokes through a point.
func (c *canvas) cross(x, y, r int, m mark) {
	c.add(shape{Kind: "path", X: c.x(x), D: c.way([]int{x - r, y - r, x + r, y + r}) + c.way([]int{x - r, y + r, x + r, y - r}), Class: "stroke"}, m)
}

// arrow goes from one lane to another.
func (c *canvas) arrow(x, x2, y int, class string, m mark) {
	back := -7
	if x2 < x {
		back = 7
	}
	c.add(shape{Kind: "line", X: c.x(x), Y: y, X2: c.x(x2 + back/2), Y2: y, Class: class}, m)
	c.path("fill", mark{}, x2, y, x2+back, y-4, x2+back, y+4)
}
