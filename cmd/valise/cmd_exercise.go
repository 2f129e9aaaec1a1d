package main

import "github.com/spf13/cobra"

func newExerciseCommand(p *program) *cobra.Command {
	return nounCommand("exercise", "Exercises of invented States: look at a scenario, rehearse, play, report",
		newExerciseDryRunCommand(p),
		newExerciseEndCommand(p),
		newExerciseInjectCommand(p),
		newExerciseJumpCommand(p),
		newExerciseLintCommand(p),
		newExerciseMSELCommand(p),
		newExerciseNoteCommand(p),
		newExercisePauseCommand(p),
		newExerciseRehearseCommand(p),
		newExerciseReplayCommand(p),
		newExerciseReportCommand(p),
		newExerciseResumeCommand(p),
		newExerciseSpeedCommand(p),
		newExerciseStartCommand(p),
		newExerciseVerifyCommand(p),
	)
}
