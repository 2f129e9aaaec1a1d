package main

import (
	"os"

	valisev1 "valise.example/proto/valise/v1"
)

// writeNew writes a file that must not exist yet, or replaces one with --yes.
func (p *program) writeNew(path string, b []byte) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if p.yes {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if os.IsExist(err) {
		return refuse(valisev1.Reason_REASON_ALREADY_EXISTS, path+" exists already", "add --yes to replace it")
	}
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
