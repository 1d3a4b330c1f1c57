package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// maxListed bounds a list of executions: each that failed is asked for its error.
const maxListed = 1000

func workflowExecutionsCommand() *cli.Command {
	return &cli.Command{
		Name:        "executions",
		Usage:       "list executions in AWS, the newest first",
		ArgsUsage:   " ",
		Description: "Examples:\n  scones workflow executions --name bikes\n  scones workflow executions --name bikes --status failed --count 100 --json",
		Flags: slices.Concat(cloudMachineFlags(), []cli.Flag{
			&cli.StringFlag{Name: "status", Usage: "only those of a `STATUS`: running, succeeded, failed, timed_out or aborted"},
			&cli.IntFlag{Name: "count", Aliases: []string{"n"}, Value: 20, Usage: "at most `N` of them"},
			&cli.BoolFlag{Name: "json", Usage: "print an object for each, a line each"},
		}, accountFlags()),
		Action: workflowExecutions,
	}
}

// An executionRow is a line of executions --json.
type executionRow struct {
	Name   string     `json:"name"`
	ARN    string     `json:"executionArn"`
	Status string     `json:"status"`
	Start  time.Time  `json:"startDate"`
	Stop   *time.Time `json:"stopDate,omitempty"`
	Error  string     `json:"error,omitempty"`
	Cause  string     `json:"cause,omitempty"`
}

func workflowExecutions(c *cli.Context) error {
	status, count := strings.ToUpper(c.String("status")), c.Int("count")
	switch {
	case c.Args().Present():
		return &usageError{fmt.Sprintf("unexpected argument %q", c.Args().First()), "the deployment is named by --name"}
	case status != "" && !slices.Contains([]string{"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}, status):
		return &usageError{fmt.Sprintf("--status %q: must be running, succeeded, failed, timed_out or aborted", c.String("status")), ""}
	case count < 1 || count > maxListed:
		return &usageError{fmt.Sprintf("--count %d: must be 1 to %d", count, maxListed), ""}
	}
	machine, err := openCloudMachine(c)
	if err != nil {
		return err
	}
	var rows []executionRow
	for e, err := range machine.List(c.Context, status) {
		if err != nil {
			return err
		}
		row := executionRow{Name: e.Name, ARN: e.ARN, Status: string(e.Status), Start: e.Start}
		if !e.Running() {
			row.Stop = &e.Stop
			if e.Status != asl.Succeeded { // a list does not say why
				full, err := machine.Execution(c.Context, e.ARN)
				if err != nil {
					return err
				}
				row.Error, row.Cause = full.Error, causeText(full.Cause)
			}
		}
		if rows = append(rows, row); len(rows) == count {
			break
		}
	}
	if c.Bool("json") {
		for _, row := range rows {
			if err := writeLine(c.App.Writer, row); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tSTATUS\tSTARTED\tTOOK\tERROR")
	for _, row := range rows {
		took := ""
		if row.Stop != nil {
			took = milliseconds(row.Stop.Sub(row.Start))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", row.Name, row.Status, row.Start.UTC().Format("2006-01-02 15:04:05"), took, printable(row.Error))
	}
	return w.Flush()
}

func workflowStatusCommand() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "what exists of workflows in the account, since when, and what it has cost so far",
		ArgsUsage:   " ",
		Description: "Examples:\n  scones workflow status\n  scones workflow status --name bikes --json",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "only the deployment `NAME` (default: all)"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		}, accountFlags()),
		Action: workflowStatus,
	}
}

func workflowStatus(c *cli.Context) error {
	if c.Args().Present() {
		return &usageError{fmt.Sprintf("unexpected argument %q", c.Args().First()), "the deployment is named by --name"}
	}
	account, err := openAccount(c)
	if err != nil {
		return err
	}
	existing, err := plan.Survey(c.Context, account.Finders(), c.String("name"))
	if err != nil {
		return err
	}
	existing = slices.DeleteFunc(existing, func(e plan.Existing) bool { return !slices.Contains(stack.WorkflowStacks, e.State.Part().Stack()) })
	s := newStatus(account.Place(), existing, time.Now())
	if c.Bool("json") {
		return writeJSON(c.App.Writer, s)
	}
	if err := s.write(c.App.Writer); err != nil {
		return err
	}
	for _, o := range s.Objects {
		if o.Kind == plan.StateMachine {
			fmt.Fprintln(c.App.Writer, o.ARN)
		}
	}
	return nil
}

func workflowDestroyCommand() *cli.Command {
	return &cli.Command{
		Name:      "destroy",
		Usage:     "delete the workflow of a deployment, and prove that nothing is left of it",
		ArgsUsage: " ",
		Description: "The endpoint and the pictures stay. scones destroy deletes the whole deployment.\n\n" +
			"Examples:\n  scones workflow destroy --name bikes --dry-run\n  scones workflow destroy --name bikes --yes",
		Flags: slices.Concat([]cli.Flag{
			deploymentFlag(),
			&cli.BoolFlag{Name: "data", Usage: "also delete data: logs"},
			&cli.StringSliceFlag{Name: "stack", Value: cli.NewStringSlice(stack.WorkflowStacks...), Hidden: true},
		}, changeFlags(), accountFlags()),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return &usageError{fmt.Sprintf("unexpected argument %q", c.Args().First()), "the deployment is named by --name"}
			}
			if err := stack.CheckName(c.String("name")); err != nil {
				return &usageError{"--name: " + err.Error(), ""}
			}
			return runDestroy(c)
		},
	}
}
