package gateway

import (
	"testing"

	"pgregory.net/rapid"

	"valise.example/proto/ident"
)

// TestFilesOutliveARestore: one home goes back to a backup taken at any moment of the way of a
// file, and the file is whole at both ends all the same.
func TestFilesOutliveARestore(t *testing.T) {
	file := fileOf("big", 12*PartSize+3)
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldIn(r)
		xa, xb := w.homes["XA"], w.homes["XB"]
		// Whom a backup does not know, nobody in this world tells of a restore; a node tells all.
		xa.inquire(xbTech, "before")
		w.settle()
		who := w.homes[rapid.SampledFrom([]ident.State{"XA", "XB"}).Draw(r, "who goes back")]
		sent := xa.sendFiles(file)
		step := func(n int) {
			for range n {
				xa.post()
				xb.fetch()
				xb.post()
				xa.fetch()
			}
		}
		step(rapid.IntRange(0, 5).Draw(r, "steps before the backup"))
		backup := who.store.backup()
		step(rapid.IntRange(0, 5).Draw(r, "steps after it"))
		who.restore(backup)
		w.converge()
		for _, h := range []*home{xa, xb} {
			h.wantFile(sent.GetThread(), 0, whole, 13)
			h.wantBytes(sent.GetMessage(), 0, file)
		}
	})
}
