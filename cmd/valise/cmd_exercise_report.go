package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/exercise/play"
	"valise.example/exercise/report"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func newExerciseReportCommand(p *program) *cobra.Command {
	var file, out, reader string
	cmd := &cobra.Command{
		Use:   "report R",
		Short: "The after-action report of a recording: a page to print, and the same for machines",
		Annotations: documented("writes the report of the recording R into a folder: report.html, report.md, report.json and three tables; `--scenario F` where it is not a bundled one, `--for XA` for one State, `--out DIR`, `--lang`",
			`{`+recordingKeys+`,"whole","language","for","folder","files":[]}`),
		Long: `Reads a recording, whole or as far as it has come, and writes its report in the language of --lang, or of the
environment. report.html needs nothing else and can be printed. Without --for it is control's and has everybody
by name; with --for XA it is for that State: its own seats by name, and of all others no names.
The folder is made; without --out it is named after the recording. Files that stand there are not replaced
without --yes.

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.runExerciseReport(args[0], file, out, reader) },
	}
	cmd.Flags().StringVar(&file, "scenario", "", "the scenario, where it is not a bundled one")
	cmd.Flags().StringVar(&out, "out", "", "folder to write into")
	cmd.Flags().StringVar(&reader, "for", "", "the State that reads it; without it, control does")
	return cmd
}

func (p *program) runExerciseReport(name, file, out, reader string) error {
	data, err := p.readInput(name, play.MaxRecording)
	if err != nil {
		return err
	}
	recording, err := play.Whole(bytes.NewReader(data))
	if err != nil {
		return err
	}
	p.speaksForRecording(recording)
	r, err := p.reportOf(recording, name, file, reader)
	if err != nil {
		return err
	}
	if out == "" {
		out = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)) + "-report"
	}
	files, err := p.writeReport(r, out)
	if err != nil {
		return err
	}
	first, s := recording.Opened(), p.speech()
	return p.result(object{
		"scenario": first.Scenario, "digest": first.Digest, "seed": first.Seed, "engine": first.Engine, "lines": len(recording.Lines), "hash": recording.Hash,
		"whole": recording.Complete, "language": s.l.String(), "for": reader, "folder": out, "files": files,
	}, s.line(s.say(p.catalog().Report().Result.Written, "folder", s.theirs(out))))
}

// reportOf makes the report of a recording with its scenario, bundled or from a file.
func (p *program) reportOf(recording *play.Recording, name, file, reader string) (*report.Report, error) {
	if file == "" {
		file = recording.Opened().Scenario
		if _, bundled := scenario.Open(file); !bundled {
			return nil, refuse(valisev1.Reason_REASON_NOT_FOUND, fmt.Sprintf("the scenario %.40q is not bundled", clean(file)), "name its file with --scenario")
		}
	}
	data, err := p.readScenario(file)
	if err != nil {
		return nil, err
	}
	s, err := scenario.Parse(file, data)
	if err != nil {
		return nil, err
	}
	in := report.Input{Scenario: s, Digest: scenario.Digest(data), Recording: recording, File: filepath.Base(name), Language: p.catalog().Language()}
	if reader != "" {
		if in.For, err = ident.ParseState(reader); err != nil {
			return nil, usage(err.Error())
		}
	}
	r, err := report.New(in)
	switch {
	case errors.Is(err, report.ErrOther):
		return nil, usageHint(ownWords(err.Error()), "name the file that was played with --scenario: its SHA-256 is "+clean(recording.Opened().Digest))
	case err != nil:
		return nil, usage(ownWords(err.Error()))
	}
	return r, nil
}

// writeReport writes all files of a report into a folder, or none where one of them must not be replaced.
func (p *program) writeReport(r *report.Report, folder string) (names []string, err error) {
	texts := map[string][]byte{}
	for _, f := range r.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			return nil, err
		}
		path := filepath.Join(folder, f.Name)
		if _, err := os.Lstat(path); err == nil && !p.yes {
			return nil, refuse(valisev1.Reason_REASON_ALREADY_EXISTS, path+" exists already", "add --yes to replace it, or name another folder with --out")
		}
		names, texts[f.Name] = append(names, f.Name), b.Bytes()
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := p.writeNew(filepath.Join(folder, name), texts[name]); err != nil {
			return nil, err
		}
	}
	return names, nil
}
