package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/aws/workflow/graph"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// maxHistory bounds a history that is read: 25,000 events of which two hold a payload each come to this.
const maxHistory = 1 << 30

func workflowGraphCommand() *cli.Command {
	return &cli.Command{
		Name:      "graph",
		Usage:     "draw the state machine, with the colours of a run",
		ArgsUsage: "[DEFINITION]",
		Description: "DEFINITION is a file in JSON or YAML; without one --mode's is drawn. --execution colours the states: green succeeded,\n" +
			"amber failed and was caught, red failed, grey was not reached.\n\n" +
			"Examples:\n  scones workflow graph -o workflow.svg\n  scones workflow run --trace trace.json cat.jpg && scones workflow graph --execution trace.json -o run.png\n" +
			"  aws stepfunctions get-execution-history --execution-arn ARN >history.json && scones workflow graph --execution history.json -o run.png",
		Flags: slices.Concat(modeFlags(), []cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the picture to `FILE`, .svg or .png"},
			&cli.StringFlag{Name: "execution", Usage: "colour by the history in `FILE`, of run --trace or of aws stepfunctions get-execution-history"},
			&cli.BoolFlag{Name: "mermaid", Usage: "print a Mermaid flowchart instead"},
		}),
		Action: workflowGraph,
	}
}

func workflowGraph(c *cli.Context) error {
	out := c.String("out")
	switch {
	case c.NArg() > 1:
		return &usageError{fmt.Sprintf("unexpected argument %q", c.Args().Get(1)), ""}
	case out == "" && !c.Bool("mermaid"):
		return &usageError{"where shall the picture go?", "-o workflow.svg, or --mermaid for text"}
	case out != "" && c.Bool("mermaid"):
		return &usageError{"--mermaid and --out exclude each other", "--mermaid prints to standard output"}
	}
	m, _, err := openMachine(c, c.Args().First())
	if err != nil {
		return err
	}
	history, err := readHistory(c.String("execution"))
	if err != nil {
		return err
	}
	if c.Bool("mermaid") {
		_, err := fmt.Fprint(c.App.Writer, graph.Mermaid(m, history.Events))
		return err
	}
	format, err := graph.FormatOf(out)
	if err != nil {
		return &usageError{err.Error(), ""}
	}
	var picture bytes.Buffer
	if err := graph.Write(&picture, format, m, history.Events); err != nil {
		return err
	}
	return atomicfile.Write(out, picture.Bytes())
}

// readHistory reads a history; an empty name is none.
func readHistory(name string) (asl.History, error) {
	var history asl.History
	if name == "" {
		return history, nil
	}
	data, err := readLimited(name, maxHistory)
	if err != nil {
		return history, err
	}
	if err := json.Unmarshal(data, &history); err != nil {
		return history, fmt.Errorf("read history %q: %w", name, err)
	}
	if len(history.Events) == 0 {
		return history, fmt.Errorf("read history %q: it has no events", name)
	}
	return history, nil
}
