package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow"
)

func workflowDefinitionCommand() *cli.Command {
	return &cli.Command{
		Name:      "definition",
		Usage:     "write the state machine in the Amazon States Language",
		ArgsUsage: " ",
		Description: "seed    the three steps in a row; below the threshold the execution fails\n" +
			"robust  time limits, people for unsure answers, a dead-letter queue for what fails\n" +
			"map     many pictures of a bucket in a Distributed Map, a row for each\n" +
			"jsonata seed in Step Functions' newer query language\n\n" +
			"What only a deployment knows stays a placeholder such as ${FilterFunctionArn}, or is filled by --set and --values.\n\n" +
			"Examples:\n  scones workflow definition >workflow.asl.json\n  scones workflow definition --mode robust --format yaml --threshold 0.9",
		Flags: slices.Concat(modeFlags(), []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "json", Usage: "`FORMAT`: json or yaml"},
			&cli.Float64Flag{Name: "threshold", Value: workflow.DefaultThreshold, Usage: "`SCORE` from which robust does not ask people, 0 to 1"},
		}),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return &usageError{fmt.Sprintf("unexpected argument %q", c.Args().First()), ""}
			}
			definition, err := definitionFromFlags(c)
			if err != nil {
				return err
			}
			switch format := c.String("format"); format {
			case "json":
				_, err = fmt.Fprintf(c.App.Writer, "%s\n", definition)
			case "yaml":
				err = writeYAML(c, definition)
			default:
				return &usageError{fmt.Sprintf("--format %q: must be json or yaml", format), ""}
			}
			return err
		},
	}
}
