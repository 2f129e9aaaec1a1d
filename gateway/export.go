package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"
)

// Export takes items out of the record: for the State's own archive or, with a matching consent,
// for a third party. It is recorded before send gets its first piece. A-11 s2
func (g *Gateway) Export(_ context.Context, a Actor, _ *valisev1.ExportRecordRequest, _ func(*valisev1.ExportRecordResponse) error) error {
	return reserved("export", a, mayExport)
}
