package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// run executes one command line and returns its exit code. The app is built anew each time, so that tests run side by side.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := newApp(stdin, stdout, stderr)
	err := app.RunContext(ctx, permute(app, args))
	if cause := context.Cause(ctx); cause != nil && err != nil {
		err = &interruptedError{err}
	}
	return report(stderr, err)
}

// newApp wires the commands and mends what urfave/cli v2 does: it exits the process on any error with an ExitCode method, prints
// help to stdout on usage errors, and splits slices on commas. [permute] mends the order of flags and paths.
func newApp(stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:  "scones",
		Usage: "classify pictures on this machine, with models from SageMaker and elsewhere",
		Description: "A model is an ONNX file that carries its own preprocessing, a Hugging Face folder, or a SageMaker model.tar.gz.\n" +
			"Without one the built-in model tells bicycles from motorcycles.\n\nExample:\n  scones classify photos/",
		Reader:                    stdin,
		Writer:                    stdout,
		ErrWriter:                 stderr,
		HideVersion:               true,
		DisableSliceFlagSeparator: true,
		EnableBashCompletion:      true,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageProblem,
		Commands: []*cli.Command{
			classifyCommand(),
			batchCommand(),
			benchCommand(),
			evaluateCommand(),
			calibrateCommand(),
			explainCommand(),
			imageCommand(),
			exportCommand(),
			inspectCommand(),
			monitorCommand(),
			parityCommand(),
			preprocessCommand(),
			quantizeCommand(),
			workflowCommand(),
			deployCommand(),
			invokeCommand(),
			statusCommand(),
			logsCommand(),
			destroyCommand(),
			runtimeCommand(),
			serveCommand(),
			stageCommand(),
			trainCommand(),
			completionCommand(),
			versionCommand(),
		},
	}
	app.Action = func(c *cli.Context) error {
		if !c.Args().Present() {
			return cli.ShowAppHelp(c)
		}
		return unknownCommand(app.Commands, c.Args().First())
	}
	for _, command := range app.Commands {
		guard(command)
	}
	return app
}

// guard gives a command and its subcommands the house's treatment of wrong flags and unknown subcommands.
func guard(command *cli.Command) {
	command.OnUsageError = usageProblem
	for _, sub := range command.Subcommands {
		guard(sub)
	}
	if command.Action == nil {
		command.Action = func(c *cli.Context) error {
			if c.Args().Present() {
				return unknownCommand(command.Subcommands, c.Args().First())
			}
			return cli.ShowSubcommandHelp(c)
		}
	}
}

// usageProblem turns the flag package's complaint into a usage error with a suggestion.
func usageProblem(c *cli.Context, err error, _ bool) error {
	problem := &usageError{problem: err.Error()}
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		problem.hint = fmt.Sprintf("%s --help lists the flags", c.Command.HelpName)
		return problem
	}
	flags := c.App.Flags
	if c.Command != nil {
		flags = append(slices.Clone(c.Command.Flags), flags...)
	}
	name = strings.TrimLeft(name, "-")
	problem.problem = fmt.Sprintf("unknown flag --%s", name)
	if near := cli.SuggestFlag(flags, name, true); near != "" {
		problem.hint = fmt.Sprintf("did you mean %s?", near)
	}
	return problem
}

func unknownCommand(commands []*cli.Command, name string) error {
	problem := &usageError{problem: fmt.Sprintf("unknown command %q", name), hint: "scones --help lists the commands"}
	if sentence := cli.SuggestCommand(commands, name); sentence != "" { // Did you mean "..."?
		problem.hint = strings.ToLower(sentence[:1]) + sentence[1:]
	}
	return problem
}
