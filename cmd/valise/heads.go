package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	valisev1 "valise.example/proto/valise/v1"
)

// readHeads reads what is known of the record from elsewhere: lines as `valise record head
// --json` prints them. Other keys are left alone, so that heads of a later version can still be
// held against a record. docs/protocol.md §9.2
func (p *program) readHeads(file string) (heads []*valisev1.KnownHead, err error) {
	if file == "" {
		return nil, nil
	}
	text, err := p.readText(file)
	if err != nil {
		return nil, err
	}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		head, err := parseHead(line)
		if err != nil {
			return nil, usageHint(fmt.Sprintf("--heads, line %d: %v", i+1, err), "a line is what valise record head --json prints")
		}
		heads = append(heads, head)
	}
	if len(heads) == 0 {
		return nil, usageHint("--heads names a file without a head", "a line is what valise record head --json prints")
	}
	return heads, nil
}

func parseHead(line []byte) (*valisev1.KnownHead, error) {
	var said struct {
		Size *uint64 `json:"size"`
		Root string  `json:"root"`
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return nil, fmt.Errorf("this is no JSON object of a head")
	}
	if said.Size == nil {
		return nil, fmt.Errorf("size is missing")
	}
	if root, err := hex.DecodeString(said.Root); err != nil || len(root) != 32 {
		return nil, fmt.Errorf("root is not 64 hexadecimal digits")
	}
	return &valisev1.KnownHead{Size: *said.Size, Root: said.Root}, nil
}
