//go:build browser

package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// keep writes a picture or a printed page where people look at them.
func (p *tab) keep(name string, content []byte) string {
	p.t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "bin", "screenshots")
	}
	file := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		p.t.Fatal(err)
	}
	return file
}

// shot keeps a picture of the whole page as NAME.png. The window is made as high as the page for it: what
// Chromium draws beyond its window is displaced on pages that read from the right.
func (p *tab) shot(name string) {
	p.t.Helper()
	high := run[int64](p, `(() => document.documentElement.scrollHeight)`)
	p.window(p.zoomed, high)
	p.keep(name+".png", call(p, page.CaptureScreenshot, page.CaptureScreenshotParams{}).Data)
	p.enlarge(p.zoomed)
}

// sheet is one page of paper as it leaves the printer: its text in the order of reading, and its size
// in points.
type sheet struct {
	text string
	size string
}

// pdf prints the page on a paper, keeps it as NAME.pdf and gives its sheets.
func (p *tab) pdf(name string, paper chromedp.PaperSize) (sheets []sheet) {
	p.t.Helper()
	file := p.keep(name+".pdf", act(p, "print", chromedp.PrintToPDF(chromedp.PDFPaper(paper))))
	text := p.poppler("pdftotext", "-layout", file, "-")
	sizes := map[string]string{}
	for line := range strings.SplitSeq(p.poppler("pdfinfo", "-f", "1", "-l", "9999", file), "\n") {
		if number, size, ok := strings.Cut(strings.TrimPrefix(line, "Page"), "size:"); ok {
			sizes[strings.TrimSpace(number)] = strings.TrimSpace(size)
		}
	}
	for i, page := range strings.Split(strings.TrimSuffix(text, "\f"), "\f") {
		sheets = append(sheets, sheet{text: page, size: sizes[strconv.Itoa(i+1)]})
	}
	return sheets
}

func (p *tab) poppler(command string, args ...string) string {
	p.t.Helper()
	out, err := exec.CommandContext(p.ctx, command, args...).Output()
	if err != nil {
		p.t.Fatalf("%s: %v (Debian's poppler-utils: make deps)", command, err)
	}
	return string(out)
}

// fonts are those in which the text of the elements of sel is drawn, its children's not included.
// Without fonts of a script, a browser draws boxes in whatever font it has.
func (p *tab) fonts(sel string) (names []string) {
	p.t.Helper()
	root := call(p, dom.GetDocument, dom.GetDocumentParams{})
	nodes := call(p, dom.QuerySelectorAll, dom.QuerySelectorAllParams{NodeID: root.Root.NodeID, Selector: sel})
	for _, node := range nodes.NodeIDs {
		used := call(p, css.GetPlatformFontsForNode, css.GetPlatformFontsForNodeParams{NodeID: node})
		for _, font := range used.Fonts {
			names = append(names, font.FamilyName)
		}
	}
	return names
}
