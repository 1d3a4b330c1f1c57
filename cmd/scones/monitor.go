package main

import "github.com/urfave/cli/v2"

func monitorCommand() *cli.Command {
	return &cli.Command{
		Name:  "monitor",
		Usage: "watch what a model answers in service",
		Description: "SOURCE is a folder or file of captures (data capture of SageMaker, scones serve --capture), an s3:// prefix of them, rows of scones\n" +
			"classify, a history of scones workflow run --trace, a table of scones monitor load, or the ARN of a state machine.",
		Subcommands: []*cli.Command{
			monitorLoadCommand(),
			monitorBaselineCommand(),
			monitorRunCommand(),
			monitorWatchCommand(),
			monitorLabelCommand(),
			monitorDeployCommand(),
		},
	}
}
