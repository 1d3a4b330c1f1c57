package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

func workflowRunCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run the state machine on this machine",
		ArgsUsage: "INPUT.json|PICTURE|FOLDER",
		Description: "The definition is interpreted as Step Functions does it; its three functions run here. A picture below the threshold ends\n" +
			"with THRESHOLD_CONFIDENCE_NOT_MET and exit code 4. A folder gives a row for each picture, as scones classify does.\n\n" +
			"Examples:\n  scones workflow run cat.jpg\n  scones workflow run --trace trace.json --definition workflow.asl.json input.json --store bucket/\n" +
			"  scones workflow run --out rows.csv --resume photos/",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "store", Usage: "`FOLDER` that stands for the buckets of INPUT.json, or s3:// for the buckets themselves"},
			&cli.StringFlag{Name: "trace", Usage: "write the history to `FILE`, in the format of Step Functions"},
			&cli.BoolFlag{Name: "json", Usage: "print the execution as JSON, output and all, instead of its states"},
			&cli.StringFlag{Name: "format", Usage: "of a folder's rows: table, csv, jsonl or parquet (default: by --out's extension; else table on a terminal, csv in a pipe)"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write a folder's rows to `FILE`"},
			&cli.BoolFlag{Name: "resume", Usage: "go on where an interrupted --out stopped"},
			&cli.BoolFlag{Name: "overwrite", Usage: "replace an --out that holds an unfinished run"},
			&cli.IntFlag{Name: "concurrency", Usage: "run `N` pictures of a folder at once", DefaultText: "one a core"},
		}, machineFlags(), modeFlags(), modelFlags(), recipeFlags(), runtimeFlags()),
		Action: workflowRun,
	}
}

func workflowRun(c *cli.Context) error {
	switch {
	case c.NArg() == 0:
		return &usageError{"nothing to run", "scones workflow run cat.jpg"}
	case c.NArg() > 1:
		return &usageError{fmt.Sprintf("unexpected argument %q", c.Args().Get(1)), "several pictures go in a folder"}
	case c.IsSet("concurrency") && c.Int("concurrency") < 1:
		return &usageError{fmt.Sprintf("--concurrency %d: must be 1 or more", c.Int("concurrency")), ""}
	}
	machine, definition, err := newLocalMachine(c)
	if err != nil {
		return err
	}
	input := c.Args().First()
	info, err := os.Stat(input)
	if err != nil && input != "-" {
		return err
	}
	folder := err == nil && info.IsDir()
	for _, flag := range []string{"out", "resume", "overwrite", "format", "concurrency"} {
		if c.IsSet(flag) && !folder {
			return &usageError{fmt.Sprintf("--%s is for folders, %q is none", flag, input), ""}
		}
	}
	for _, flag := range []string{"trace", "json"} {
		if c.IsSet(flag) && folder {
			return &usageError{fmt.Sprintf("--%s is for one execution, a folder has one for each picture", flag), ""}
		}
	}
	event, err := machine.aim(c, input, folder)
	if err != nil {
		return err
	}
	closeMachine, meta, err := machine.prepare(c)
	if err != nil {
		return err
	}
	defer closeMachine()
	if folder {
		hash := sha256.Sum256(definition)
		meta.Workflow = hex.EncodeToString(hash[:])
		return machine.folder(c, input, meta)
	}
	return machine.one(c, event)
}

// one runs one execution and shows it.
func (m *localMachine) one(c *cli.Context, event []byte) error {
	view := newView(c)
	e, r, err := m.execute(c.Context, event, view.event)
	view.end()
	if e != nil && c.String("trace") != "" {
		if traceErr := writeTrace(c.String("trace"), e); traceErr != nil {
			return traceErr
		}
	}
	if err != nil {
		return err
	}
	if c.Bool("json") {
		if err := printExecution(c.App.Writer, e); err != nil {
			return err
		}
	} else if err := view.verdict(e, r); err != nil {
		return err
	}
	if e.Status == asl.Succeeded {
		return nil
	}
	text := e.Error.Name
	if cause := causeText(e.Error.Cause); cause != "" {
		text += ": " + cause
	}
	if e.Error.Name == workflow.ThresholdNotMet {
		return &gateError{text}
	}
	return fmt.Errorf("%s", text)
}

func writeTrace(name string, e *asl.Execution) error {
	data, err := json.MarshalIndent(asl.History{Events: e.History}, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(name, append(data, '\n'))
}

// options are a folder's, as classify has them.
func (m *localMachine) options(c *cli.Context, folder string) (*classifyOptions, error) {
	o := &classifyOptions{
		paths: []string{folder}, out: c.String("out"), resume: c.Bool("resume"), overwrite: c.Bool("overwrite"),
		columns: result.Columns{TopK: 1, Threshold: &m.threshold},
	}
	switch {
	case o.resume && o.out == "":
		return nil, &usageError{"--resume needs --out, the file to go on with", ""}
	case o.resume && o.overwrite:
		return nil, &usageError{"--resume and --overwrite exclude each other", ""}
	}
	var err error
	o.format, err = chooseFormat(c, o.out)
	return o, err
}
