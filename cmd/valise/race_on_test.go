//go:build race

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// servingVerbs are those whose processes share memory between goroutines for longer than one answer.
const servingVerbs = `"node run" | "relay run" | "lab run" | "inquiry watch" | console* | demo*`

// splitVerbs puts a valise first in PATH that takes servingVerbs to the program under the race
// detector and every other verb to the plain one: a verb that asks, prints and ends costs four times
// as much under the detector, in its start alone, and there are some two thousand of them.
func splitVerbs(dir string) error {
	raced, err := exec.LookPath("valise")
	if err != nil {
		return err
	}
	plain := filepath.Join(dir, "plain", "valise")
	build := exec.Command("go", "test", "-c", "-race=false", "-tags", "besiderace", "-o", plain, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // only the detector needs C
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("the plain program does not build: %w: %s", err, out)
	}
	script := fmt.Sprintf("#!/bin/sh\ncase \"$1 $2\" in\n%s) exec '%s' \"$@\" ;;\n*) exec '%s' \"$@\" ;;\nesac\n",
		servingVerbs, raced, plain)
	if err := os.WriteFile(filepath.Join(dir, "valise"), []byte(script), 0o700); err != nil {
		return err
	}
	return os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}
