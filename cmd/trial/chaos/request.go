//go:build linux

package main

import (
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// requestOf finds the request id, which the trial's officers write as their own reference.
func requestOf(kind valisev1.Kind, payload []byte) string {
	m, known := valisev1.NewPayload(kind)
	if !known || proto.Unmarshal(payload, m) != nil {
		return ""
	}
	p, ok := m.(interface{ GetPreamble() *valisev1.Preamble })
	if !ok {
		return ""
	}
	return p.GetPreamble().GetOwnReference()
}
