package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	valise "valise.example"
)

func newVersionCommand(p *program) *cobra.Command {
	var licences bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Version and protocol; --licences prints the licences of all that is built in",
		Annotations: documented("version and protocol; `--licences` prints the licences",
			`{"version","revision","protocol","go","licence"?,"third_party_licences"?}`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runVersion(licences) },
	}
	cmd.Flags().BoolVar(&licences, "licences", false, "print the licence texts")
	return cmd
}

// protocolMajor is the major version of docs/protocol.md.
const protocolMajor = 1

func (p *program) runVersion(licences bool) error {
	version, revision := builtFrom()
	o := object{"version": version, "revision": revision, "protocol": protocolMajor, "go": runtime.Version()}
	lines := []string{"valise " + version + " (protocol 1, " + runtime.Version() + ")"}
	if licences {
		o["licence"], o["third_party_licences"] = valise.Licence, valise.ThirdPartyLicences
		lines = append(lines, "", valise.Licence, valise.ThirdPartyLicences)
	}
	return p.result(o, lines...)
}

func builtFrom() (version, revision string) {
	version = "(devel)"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, ""
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return version, revision
}
