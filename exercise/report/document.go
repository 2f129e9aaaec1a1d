package report

import (
	"strconv"
	"strings"
)

// document is a report without its form: the page and the Markdown say the same.
type document struct {
	Language, Direction string
	Mark                string // top and bottom of every page
	Title               string // what this is
	Exercise            string // title of the scenario
	Reader              string // for whom it is
	Sections            []section
}

// section is a part of a report with a heading of its own.
type section struct {
	ID      string
	Heading string
	Blocks  []block
	Sub     bool // stands under the one before it
}

// block is one of its fields.
type block struct {
	Text    string   // a paragraph
	List    []string // points
	Table   *table
	Picture *picture
	Lines   int // empty lines for people to write on
}

// table is what a person reads, and what a picture draws.
type table struct {
	Caption string
	Head    []string
	Rows    []row
	ToFill  bool // for people to fill in
}

// row is one of a table. ID is a place to jump to; Line and At are the number of its line and its exercise time,
// as the sign in the picture has them.
type row struct {
	ID, Line, At string
	Cells        []cell
}

// cell is a text. Link leads to a row of another table of the report. Foreign is what a person wrote or a name: its
// direction is its own.
type cell struct {
	Text    string
	Link    string
	Foreign bool
	Short   bool // stays on one line
}

// Name reports whether the text is a name, such as an address or a time, or a length of time: it stays on one line.
func (c cell) Name() bool {
	return c.Short || c.Foreign && len(c.Text) <= longestName && !strings.ContainsAny(c.Text, " ")
}

// longestName in bytes: an address with its number.
const longestName = 24

// picture is one sheet of a drawing, and its table.
type picture struct {
	Key           string // "a1": names its title and description
	Title, Text   string
	Width, Height int // of the drawing, in pixels of a page 720 wide
	Shapes        []shape
	Table         *table
}

// plain is a cell with a text of ours.
func plain(text string) cell { return cell{Text: text} }

// short is a cell with a length of time, or a mark in its place.
func short(text string) cell { return cell{Text: text, Short: true} }

// foreign is a cell with what a person wrote, or with a name, a time or a number.
func foreign(text string) cell { return cell{Text: theirs(text), Foreign: true} }

// number is a cell with a whole number.
func number(n int) cell { return cell{Text: strconv.Itoa(n), Foreign: true} }

// lineNumber is that of a line as editors count, from 1. docs/exercises.md §7
func lineNumber(seq uint64) string { return strconv.FormatUint(seq+1, 10) }

// linked is a cell with the number of a line, which leads to its row where the reader sees it.
func linked(seq uint64, seen map[uint64]bool) cell {
	c := cell{Text: lineNumber(seq), Foreign: true}
	if seen[seq] {
		c.Link = "#line-" + c.Text
	}
	return c
}
