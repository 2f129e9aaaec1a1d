package main

import (
	"fmt"
	"io"
	"os"

	"valise.example/gateway/history"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(stderr, "usage: history FILE, or - for the standard input")
		return 2
	}
	events, err := readFile(args[0], stdin)
	if err != nil {
		fmt.Fprintln(stderr, "history:", err)
		return 2
	}
	report := history.Check(events)
	for _, f := range report.Findings {
		fmt.Fprintln(stdout, f)
	}
	fmt.Fprintf(stdout, "%d passed, %d failed\n", report.Total(), len(report.Findings))
	if len(report.Findings) > 0 {
		return 1
	}
	return 0
}

func readFile(name string, stdin io.Reader) ([]history.Event, error) {
	if name == "-" {
		return history.Read(stdin)
	}
	f, err := os.Open(name) //nolint:gosec // a command opens the file that it is told to open
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return history.Read(f)
}
