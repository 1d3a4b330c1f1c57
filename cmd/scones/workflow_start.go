package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/aws/workflow/outcome"
	"github.com/scones-unlimited/scones/infer"
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
	unsure, failed := 0, 0
	var last error
	for i, e := range started {
		if len(started) > 1 && !c.Bool("json") {
			fmt.Fprintf(c.App.Writer, "%s\n", printable(c.Args().Get(i)))
		}
		err := watchExecution(c, machine, e, c.Args().Get(i))
		if gate, is := errors.AsType[*gateError](err); is {
			unsure++
			last = gate
		} else if ended, is := errors.AsType[*executionError](err); is {
			failed++
			last = ended
		} else if err != nil {
			return err
		}
		if err != nil && len(started) > 1 {
			fmt.Fprintf(c.App.ErrWriter, "scones: %v\n", err)
		}
	}
	switch {
	case len(started) == 1 || unsure+failed == 0:
		return last
	case failed > 0:
		return &picturesError{failed, len(started)}
	}
	return &gateError{fmt.Sprintf("%s: it stopped %s", workflow.ThresholdNotMet, counted(unsure, "picture"))}
}

// An executionError is an execution that failed.
type executionError struct{ text string }

func (e *executionError) Error() string { return e.text }

// watchEvery is how often an execution under way is asked for its events.
const watchEvery = 500 * time.Millisecond

// watchExecution shows an execution's states as they happen, and how it ended.
func watchExecution(c *cli.Context, machine *stepfunctions.Machine, started *stepfunctions.Execution, input string) error {
	v := newView(c)
	var history []asl.Event
	e := started
	for {
		// Asked for the execution first: its events are all there once it has ended.
		now, err := machine.Execution(c.Context, started.ARN)
		if err != nil {
			return err
		}
		after := int64(0)
		if len(history) > 0 {
			after = history[len(history)-1].ID
		}
		events, err := machine.History(c.Context, started.ARN, after)
		if err != nil {
			return err
		}
		for _, event := range events {
			v.event(event)
		}
		history = append(history, events...)
		if e = now; !e.Running() {
			break
		}
		select {
		case <-time.After(watchEvery):
		case <-c.Context.Done():
			v.end()
			fmt.Fprintf(c.App.ErrWriter, "scones: it goes on: %s\n", started.ARN)
			return c.Context.Err()
		}
	}
	v.end()
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

// endOf is how an execution ended, as an error where it did not succeed.
func endOf(e *stepfunctions.Execution) error {
	if e.Status == asl.Succeeded {
		return nil
	}
	text := e.Error
	if text == "" {
		text = string(e.Status)
	}
	if cause := causeText(e.Cause); cause != "" {
		text += ": " + cause
	}
	if e.Error == workflow.ThresholdNotMet {
		return &gateError{text}
	}
	return &executionError{text}
}

// answerIn is what the model said in an execution, also where it failed afterwards.
func answerIn(history []asl.Event) infer.Result {
	o, err := outcome.Of(history)
	if err != nil {
		return infer.Result{} // it asked no model
	}
	for _, answer := range o.Answers {
		if len(answer.Scores) > 0 {
			answer.Error = "" // the execution has it
			return rowOf(answer)
		}
	}
	return infer.Result{}
}

// maxInline is the largest picture that travels in an event: in base64, with room for what the states add.
const maxInline = 180 << 10

// startInput is the event for an argument.
func startInput(argument string) ([]byte, error) {
	if strings.HasPrefix(argument, "s3://") {
		bucket, key, ok := aws.ParseS3(argument)
		if !ok || key == "" || strings.HasSuffix(key, "/") {
			return nil, &usageError{fmt.Sprintf("%s: want s3://BUCKET/KEY", argument), "pictures of a prefix are what mode map is for"}
		}
		return pictureEvent(bucket, key), nil
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
	return asl.Encode(map[string]any{"image_data": base64.StdEncoding.EncodeToString(data), "s3_bucket": "", "s3_key": filepath.Base(argument)})
}

// openCloudMachine is the state machine of cloudMachineFlags.
func openCloudMachine(c *cli.Context) (*stepfunctions.Machine, error) {
	arn := c.String("arn")
	if arn == "" {
		account, err := openAccount(c)
		if err != nil {
			return nil, err
		}
		if err := stack.CheckName(c.String("name")); err != nil {
			return nil, &usageError{"--name: " + err.Error(), ""}
		}
		config, err := awsFromFlags(c)
		if err != nil {
			return nil, err
		}
		return stepfunctions.Open(config, account.StateMachineARN(c.String("name"))), nil
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
