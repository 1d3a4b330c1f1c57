package main

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/stack"
)

func logsCommand() *cli.Command {
	return &cli.Command{
		Name:  "logs",
		Usage: "what the containers and functions of a deployment wrote",
		Description: "The lines of all its log groups, in the order of time.\n\n" +
			"Examples:\n  scones logs --name bikes --since 2h\n  scones logs --name bikes --follow --filter ERROR",
		Flags: slices.Concat([]cli.Flag{
			deploymentFlag(),
			&cli.DurationFlag{Name: "since", Value: time.Hour, Usage: "begin `TIME` ago"},
			&cli.StringFlag{Name: "filter", Usage: "only lines that CloudWatch's `PATTERN` finds"},
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on with lines as they come, until Ctrl-C"},
			&cli.BoolFlag{Name: "json", Usage: "print a JSON object a line"},
		}, accountFlags()),
		Action: func(c *cli.Context) error {
			switch {
			case c.NArg() > 0:
				return &usageError{fmt.Sprintf("%q is no flag", c.Args().First()), "the deployment is named by --name"}
			case c.Duration("since") <= 0:
				return &usageError{fmt.Sprintf("--since %v: must be more than 0", c.Duration("since")), ""}
			}
			return runLogs(c)
		},
	}
}

func runLogs(c *cli.Context) error {
	account, err := openAccount(c)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(c.App.Writer)
	enc.SetEscapeHTML(false)
	n := 0
	for line, err := range account.Logs(c.Context, c.String("name"), stack.LogOptions{Since: time.Now().Add(-c.Duration("since")), Filter: c.String("filter"), Follow: c.Bool("follow")}) {
		if err != nil {
			return err
		}
		n++
		if c.Bool("json") {
			err = enc.Encode(line)
		} else {
			_, err = fmt.Fprintf(c.App.Writer, "%s  %s  %s\n", line.Time.Format("2006-01-02T15:04:05.000Z"), path.Base(line.Group), printable(strings.TrimRight(line.Message, "\n")))
		}
		if err != nil {
			return err
		}
	}
	if n == 0 {
		fmt.Fprintf(c.App.ErrWriter, "scones: no lines of %s in the last %v\n", c.String("name"), c.Duration("since"))
	}
	return nil
}
