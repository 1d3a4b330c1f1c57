package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/atomicfile"
	"github.com/scones-unlimited/scones/preprocess"
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
			&cli.StringFlag{Name: "definition", Usage: "the state machine in `FILE`, JSON or YAML (default: --mode's)"},
			&cli.StringFlag{Name: "store", Usage: "`FOLDER` that stands for the buckets of INPUT.json"},
			&cli.Float64Flag{Name: "threshold", Value: workflow.DefaultThreshold, Usage: "`SCORE` that a picture needs, 0 to 1"},
			&cli.StringSliceFlag{Name: "function", Usage: "which step a Lambda function is: `NAME=STEP`, where STEP is serialize, classify or filter"},
			&cli.StringFlag{Name: "trace", Usage: "write the history to `FILE`, in the format of Step Functions"},
			&cli.StringFlag{Name: "messages", Usage: "append what would go to queues and topics to `FILE`, a JSON line each"},
			&cli.BoolFlag{Name: "json", Usage: "print the execution as JSON, output and all, instead of its states"},
			&cli.StringFlag{Name: "format", Usage: "of a folder's rows: table, csv, jsonl or parquet (default: by --out's extension; else table on a terminal, csv in a pipe)"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write a folder's rows to `FILE`"},
			&cli.BoolFlag{Name: "resume", Usage: "go on where an interrupted --out stopped"},
			&cli.BoolFlag{Name: "overwrite", Usage: "replace an --out that holds an unfinished run"},
			&cli.IntFlag{Name: "concurrency", Usage: "run `N` pictures of a folder at once", DefaultText: "one a core"},
		}, modeFlags(), modelFlags(), recipeFlags(), runtimeFlags()),
		Action: workflowRun,
	}
}

func workflowRun(c *cli.Context) error {
	threshold := c.Float64("threshold")
	switch {
	case c.NArg() == 0:
		return &usageError{"nothing to run", "scones workflow run cat.jpg"}
	case c.NArg() > 1:
		return &usageError{fmt.Sprintf("unexpected argument %q", c.Args().Get(1)), "several pictures go in a folder"}
	case !(threshold >= 0 && threshold <= 1):
		return &usageError{fmt.Sprintf("--threshold %v: must be 0 to 1", threshold), ""}
	case c.IsSet("concurrency") && c.Int("concurrency") < 1:
		return &usageError{fmt.Sprintf("--concurrency %d: must be 1 or more", c.Int("concurrency")), ""}
	}
	functions, err := functionsFromFlags(c)
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
	m, definition, err := openMachine(c, c.String("definition"))
	if err != nil {
		return err
	}
	machine := &localMachine{Machine: m, threshold: threshold, functions: functions, labels: &model.Model{}}
	event, err := machine.aim(c, input, folder)
	if err != nil {
		return err
	}
	if err := machine.check(); err != nil {
		return &hintedError{fmt.Errorf("this state machine does not run here: %w", err), ""}
	}
	closeMessages, err := machine.open(c)
	if err != nil {
		return err
	}
	defer closeMessages()
	classifier, meta, err := openClassifier(c, preprocess.Limits{})
	if err != nil {
		return err
	}
	defer classifier.close()
	machine.answer, machine.labels, machine.name = classifier.Answer, classifier.Model, meta.Model
	if folder {
		hash := sha256.Sum256(definition)
		meta.Workflow = hex.EncodeToString(hash[:])
		return machine.folder(c, input, meta)
	}
	return machine.one(c, event)
}

// aim finds the event that an execution starts with, and the store that it reads from.
func (m *localMachine) aim(c *cli.Context, input string, folder bool) ([]byte, error) {
	isJSON := input == "-" || strings.EqualFold(filepath.Ext(input), ".json")
	store := c.String("store")
	switch {
	case store != "" && !isJSON:
		return nil, &usageError{"--store is for INPUT.json, a picture lies where it lies", ""}
	case folder:
		store = input
	case !isJSON:
		store = filepath.Dir(input)
	}
	if store != "" {
		s, err := openFolderStore(store)
		if err != nil {
			return nil, err
		}
		s.whole = !isJSON
		m.store, m.objects = s, s
	}
	if folder {
		m.objects = nil // each picture is an execution of its own
		return nil, nil
	}
	if !isJSON {
		return pictureEvent(store, filepath.Base(input)), nil
	}
	if input == "-" {
		data, err := io.ReadAll(io.LimitReader(c.App.Reader, asl.MaxPayload+1))
		if err != nil {
			return nil, fmt.Errorf("read input: %w", err)
		}
		return m.within(data)
	}
	data, err := readLimited(input, 16*asl.MaxPayload)
	if err != nil {
		return nil, err
	}
	return m.within(data)
}

// within holds an input to the limit that StartExecution has.
func (m *localMachine) within(input []byte) ([]byte, error) {
	if len(input) > asl.MaxPayload {
		return nil, &hintedError{fmt.Errorf("the input has %d bytes, Step Functions takes at most %d", len(input), asl.MaxPayload),
			"name the picture by s3_bucket and s3_key instead of image_data"}
	}
	return input, nil
}

// pictureEvent is the seed's first event for an object.
func pictureEvent(bucket, key string) []byte {
	data, _ := asl.Encode(map[string]any{"image_data": "", "s3_bucket": bucket, "s3_key": key}) // text cannot fail
	return data
}

func functionsFromFlags(c *cli.Context) (map[string]string, error) {
	functions := map[string]string{}
	for _, pair := range c.StringSlice("function") {
		i := strings.LastIndexByte(pair, '=')
		if i < 0 || !slices.Contains(workflow.Names, pair[i+1:]) {
			return nil, &usageError{fmt.Sprintf("--function %q: want NAME=STEP, where STEP is one of %s", pair, strings.Join(workflow.Names, ", ")), ""}
		}
		functions[pair[:i]] = pair[i+1:]
	}
	return functions, nil
}

// open makes the file of --messages ready.
func (m *localMachine) open(c *cli.Context) (closeFile func(), err error) {
	m.messages = func(message) error { return nil }
	name := c.String("messages")
	if name == "" {
		return func() {}, nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex // executions send side by side
	encoder := json.NewEncoder(file)
	encoder.SetEscapeHTML(false)
	m.messages = func(line message) error {
		mu.Lock()
		defer mu.Unlock()
		return encoder.Encode(line)
	}
	return func() { _ = file.Close() }, nil // each line was written as it came
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
