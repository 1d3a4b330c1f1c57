package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

func workflowCommand() *cli.Command {
	return &cli.Command{
		Name:  "workflow",
		Usage: "the three Lambda steps and their state machine: run here, drawn, deployed, started, loaded",
		Description: "Serialize reads a picture, classify asks the model, filter stops what it is not sure of.\n\n" +
			"Examples:\n  scones workflow run photos/cat.jpg\n  scones workflow graph -o workflow.svg\n  scones workflow definition --mode robust",
		Subcommands: []*cli.Command{
			workflowRunCommand(),
			workflowDefinitionCommand(),
			workflowGraphCommand(),
			workflowResultsCommand(),
			workflowDeployCommand(),
			workflowStatusCommand(),
			workflowStartCommand(),
			workflowExecutionsCommand(),
			workflowLoadCommand(),
			workflowDestroyCommand(),
		},
	}
}

// modeFlags choose a definition and fill it.
func modeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "mode", Value: string(workflow.Seed), Usage: "`MODE` of the state machine: seed, robust, map or jsonata"},
		&cli.StringFlag{Name: "items", Usage: "where map finds pictures: `SOURCE` prefix, inventory, csv or jsonl", DefaultText: "prefix"},
		&cli.StringFlag{Name: "review", Usage: "what robust asks people through: `SERVICE` sqs or sns", DefaultText: "sqs"},
		&cli.StringSliceFlag{Name: "set", Usage: "fill a placeholder: `NAME=VALUE`, such as FilterFunctionArn=arn:aws:lambda:..."},
		&cli.StringFlag{Name: "values", Usage: "fill placeholders from a JSON object in `FILE`, as a deployment writes it"},
	}
}

// machineFlags say what a state machine is given to run on this machine.
func machineFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "definition", Usage: "the state machine in `FILE`, JSON or YAML (default: --mode's)"},
		&cli.StringFlag{Name: "endpoint", Usage: "ask a SageMaker endpoint by `NAME`, or a container or scones serve by URL, instead of a model here"},
		&cli.StringFlag{Name: "region", Usage: "AWS `REGION` (default: that of the environment)"},
		&cli.StringFlag{Name: "profile", Usage: "AWS `PROFILE` of the shared configuration"},
		&cli.Float64Flag{Name: "threshold", Value: workflow.DefaultThreshold, Usage: "`SCORE` that a picture needs, 0 to 1"},
		&cli.StringSliceFlag{Name: "function", Usage: "which step a Lambda function is: `NAME=STEP`, where STEP is serialize, classify or filter"},
		&cli.StringFlag{Name: "messages", Usage: "append what would go to queues and topics to `FILE`, a JSON line each"},
	}
}

// valuesFromFlags are those of --values and --set.
func valuesFromFlags(c *cli.Context) (map[string]string, error) {
	values := map[string]string{}
	if name := c.String("values"); name != "" {
		data, err := readLimited(name, asl.MaxDefinition)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &values); err != nil {
			return nil, fmt.Errorf("read values %q: %w", name, err)
		}
	}
	for _, pair := range c.StringSlice("set") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, &usageError{fmt.Sprintf("--set %q: want NAME=VALUE", pair), ""}
		}
		values[name] = value
	}
	return values, nil
}

// definitionFromFlags writes the definition that modeFlags describe.
func definitionFromFlags(c *cli.Context) ([]byte, error) {
	values, err := valuesFromFlags(c)
	if err != nil {
		return nil, err
	}
	if c.IsSet("threshold") {
		values["Threshold"] = fmt.Sprint(c.Float64("threshold"))
	}
	mode := workflow.Mode(c.String("mode"))
	if mode != workflow.Robust {
		delete(values, "Threshold") // the other modes leave it to the function
	}
	definition, err := workflow.Definition(mode, workflow.DefinitionOptions{Values: values, Items: c.String("items"), Review: c.String("review")})
	if err != nil {
		return nil, &usageError{err.Error(), ""}
	}
	return definition, nil
}

// openMachine reads the machine of a file, JSON or YAML, or of modeFlags when the file's name is empty.
func openMachine(c *cli.Context, file string) (*asl.Machine, []byte, error) {
	if file == "" {
		definition, err := definitionFromFlags(c)
		if err != nil {
			return nil, nil, err
		}
		m, err := asl.Parse(definition)
		return m, definition, err
	}
	definition, err := readLimited(file, asl.MaxDefinition)
	if err != nil {
		return nil, nil, err
	}
	if extension := strings.ToLower(filepath.Ext(file)); extension == ".yaml" || extension == ".yml" {
		if definition, err = jsonFromYAML(definition); err != nil {
			return nil, nil, fmt.Errorf("read definition %q: %w", file, err)
		}
	}
	m, err := asl.Parse(definition)
	if err != nil {
		return nil, nil, fmt.Errorf("read definition %q: %w", file, err)
	}
	return m, definition, nil
}

// readLimited reads a file of at most limit bytes.
func readLimited(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("read %q: more than %d bytes, the limit", name, limit)
	}
	return data, err
}
