package main

import "github.com/spf13/cobra"

func newExerciseCommand(p *program) *cobra.Command {
	return nounCommand("exercise", "Exercises of invented States: look at a scenario, rehearse, play, report",
		newExerciseDryRunCommand(p),
		newExerciseLintCommand(p),
		newExerciseMSELCommand(p),
		newExerciseRehearseCommand(p),
		newExerciseReplayCommand(p),
		newExerciseVerifyCommand(p),
	)
}
