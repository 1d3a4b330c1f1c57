package main

import (
	"github.com/urfave/cli/v2"
)

func workflowResultsCommand() *cli.Command {
	return &cli.Command{Name: "results"}
}
