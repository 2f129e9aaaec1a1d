// Package valisev1 is the contract of Valise in Go: generated from the .proto files beside it,
// and a few lines by hand that say which payload a kind has. docs/protocol.md §5.1
//
// It must never hold a rule of the protocol: those stand in the .proto files, where other
// languages inherit them, and in the rooms that carry them out.
package valisev1
