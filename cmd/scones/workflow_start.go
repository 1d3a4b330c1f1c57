package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// cloudMachineFlags name a state machine in the cloud.
func cloudMachineFlags() []cli.Flag {
	return []cli.Flag{
		deploymentFlag(),
		&cli.StringFlag{Name: "arn", Usage: "the state machine that has this `ARN`, instead of a deployment's"},
	}
}

func workflowStartCommand() *cli.Command {
	return &cli.Command{
		Name:      "start",
		Usage:     "start executions in AWS",
		ArgsUsage: "s3://BUCKET/KEY|PICTURE|INPUT.json...",
		Description: "A picture of this machine travels in the event, where it fits into a state. --watch shows the states as they happen, and the answer;\n" +
			"a picture below the threshold then ends with THRESHOLD_CONFIDENCE_NOT_MET and exit code 4.\n\n" +
			"Examples:\n  scones workflow start --name bikes --watch s3://bucket/test/a.png\n  scones workflow start --name bikes photos/a.jpg photos/b.jpg",
		Flags: slices.Concat(cloudMachineFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "watch", Aliases: []string{"w"}, Usage: "wait for the end and show the states"},
			&cli.StringFlag{Name: "trace", Usage: "with --watch and one picture: write the history to `FILE`, in the format of Step Functions"},
			&cli.BoolFlag{Name: "json", Usage: "print an object for each execution, a line each"},
		}, accountFlags()),
		Action: workflowStart,
	}
}

func workflowStart(c *cli.Context) error {
	switch {
	case c.NArg() == 0:
		return &usageError{"nothing to start with", "scones workflow start --watch s3://bucket/test/a.png"}
	case c.IsSet("trace") && (!c.Bool("watch") || c.NArg() > 1):
		return &usageError{"--trace is for one picture with --watch", ""}
	}
	var inputs [][]byte
	for _, argument := range c.Args().Slice() {
		input, err := startInput(argument)
		if err != nil {
			return err
		}
		inputs = append(inputs, input)
	}
	machine, err := openCloudMachine(c)
	if err != nil {
		return err
	}
	var started []*stepfunctions.Execution
	for i, input := range inputs {
		e, err := machine.Start(c.Context, uuid.NewString(), input) // a name of its own: a call that is repeated starts nothing twice
		if err != nil {
			return fmt.Errorf("%s: %w", c.Args().Get(i), err)
		}
		if started = append(started, e); c.Bool("watch") {
			continue
		}
		if c.Bool("json") {
			err = writeLine(c.App.Writer, startedExecution{Input: c.Args().Get(i), ARN: e.ARN, Status: string(e.Status)})
		} else {
			_, err = fmt.Fprintln(c.App.Writer, e.ARN)
		}
		if err != nil {
			return err
		}
	}
	if !c.Bool("watch") {
		return nil
	}
	return watchAll(c, machine, started)
}

// A startedExecution is a line of start --json.
type startedExecution struct {
	Input  string  `json:"input"`
	ARN    string  `json:"executionArn"`
	Status string  `json:"status"`
	Label  string  `json:"label,omitempty"`
	Score  float32 `json:"score,omitempty"`
	Error  string  `json:"error,omitempty"`
	Cause  string  `json:"cause,omitempty"`
}

// writeLine prints an object on a line.
func writeLine(w io.Writer, value any) error {
	data, err := asl.Encode(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", data)
	return err
}

// watchAll shows executions one after the other, until all have ended.
func watchAll(c *cli.Context, machine *stepfunctions.Machine, started []*stepfunctions.Execution) error {
	var ends executionTally
	for i, e := range started {
		if len(started) > 1 && !c.Bool("json") {
			fmt.Fprintf(c.App.Writer, "%s\n", printable(c.Args().Get(i)))
		}
		err := watchExecution(c, machine, e, c.Args().Get(i))
		if !ends.add(err) {
			return err
		}
		if err != nil && len(started) > 1 {
			fmt.Fprintf(c.App.ErrWriter, "scones: %v\n", err)
		}
	}
	return ends.err(len(started))
}

// watchExecution shows an execution's states as they happen, and how it ended.
func watchExecution(c *cli.Context, machine *stepfunctions.Machine, started *stepfunctions.Execution, input string) error {
	v := newView(c)
	e, history, err := followExecution(c.Context, machine, started.ARN, v.event)
	v.end()
	if c.Context.Err() != nil {
		fmt.Fprintf(c.App.ErrWriter, "scones: it goes on: %s\n", started.ARN)
	}
	if err != nil {
		return err
	}
	if name := c.String("trace"); name != "" {
		if err := writeTrace(name, &asl.Execution{History: history}); err != nil {
			return err
		}
	}
	r := answerIn(history)
	if c.Bool("json") {
		line := startedExecution{Input: input, ARN: e.ARN, Status: string(e.Status), Error: e.Error, Cause: causeText(e.Cause)}
		if len(r.Top) > 0 {
			line.Label, line.Score = r.Top[0].Label, r.Top[0].Score
		}
		if err := writeLine(c.App.Writer, line); err != nil {
			return err
		}
	} else if err := v.verdict(&asl.Execution{Status: e.Status, Start: e.Start, Stop: e.Stop}, r); err != nil {
		return err
	}
	return endOf(e)
}

// maxInline is the largest picture that travels in an event: in base64, with room for what the states add.
const maxInline = 180 << 10

// startInput is the event for an argument.
func startInput(argument string) ([]byte, error) {
	if strings.HasPrefix(argument, "s3://") {
		return objectEvent(argument)
	}
	if strings.EqualFold(filepath.Ext(argument), ".json") {
		input, err := readLimited(argument, 16*asl.MaxPayload)
		if err != nil {
			return nil, err
		}
		return (&localMachine{}).within(input)
	}
	data, err := readLimited(argument, maxInline)
	if err != nil {
		return nil, &hintedError{err, "copy a larger picture to S3, and start with s3://BUCKET/KEY"}
	}
	return inlineEvent(argument, data)
}

// objectEvent is the event of a picture in S3.
func objectEvent(uri string) ([]byte, error) {
	bucket, key, ok := aws.ParseS3(uri)
	if !ok || key == "" || strings.HasSuffix(key, "/") {
		return nil, &usageError{fmt.Sprintf("%s: want s3://BUCKET/KEY", uri), "pictures of a prefix are what mode map is for"}
	}
	return pictureEvent(bucket, key), nil
}

// inlineEvent is the event of a picture that travels in it.
func inlineEvent(name string, picture []byte) ([]byte, error) {
	return asl.Encode(map[string]any{"image_data": base64.StdEncoding.EncodeToString(picture), "s3_bucket": "", "s3_key": filepath.Base(name)})
}

// openCloudMachine is the state machine of cloudMachineFlags.
func openCloudMachine(c *cli.Context) (*stepfunctions.Machine, error) {
	arn := c.String("arn")
	if arn == "" {
		return deployedMachine(c, c.String("name"))
	}
	if !stepfunctions.IsARN(arn) {
		return nil, &usageError{fmt.Sprintf("--arn %q: want arn:aws:states:REGION:ACCOUNT:stateMachine:NAME", arn), "scones workflow status prints it"}
	}
	config, err := aws.LoadConfig(c.Context, aws.ConfigOptions{Region: strings.Split(arn, ":")[3], Profile: c.String("profile")})
	if err != nil {
		return nil, err
	}
	return stepfunctions.Open(config, arn), nil
}

// deployedMachine is a deployment's state machine.
func deployedMachine(c *cli.Context, name string) (*stepfunctions.Machine, error) {
	if err := stack.CheckName(name); err != nil {
		return nil, &usageError{"--name: " + err.Error(), ""}
	}
	account, err := openAccount(c)
	if err != nil {
		return nil, err
	}
	config, err := awsFromFlags(c)
	if err != nil {
		return nil, err
	}
	return stepfunctions.Open(config, account.StateMachineARN(name)), nil
}
