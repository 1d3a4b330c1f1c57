package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
)

func destroyCommand() *cli.Command {
	return &cli.Command{
		Name:  "destroy",
		Usage: "delete everything of a deployment, and prove that nothing is left",
		Description: "What exists is found in the account by tags and names; there is no file to lose. Data is kept unless --data is given. At the\n" +
			"end every kind of object is asked for again: what is left, and what was kept, is listed.\n\n" +
			"Examples:\n  scones destroy --name bikes --dry-run\n  scones destroy --name bikes --yes",
		Flags: slices.Concat([]cli.Flag{
			deploymentFlag(),
			&cli.BoolFlag{Name: "data", Usage: "also delete data: captures, answers, staged pictures, logs"},
			&cli.StringSliceFlag{Name: "stack", Usage: "only this `PART` of the deployment, such as endpoint or workflow; may be repeated"},
		}, changeFlags(), accountFlags()),
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return &usageError{fmt.Sprintf("%q is no flag", c.Args().First()), "the deployment is named by --name"}
			}
			if err := stack.CheckName(c.String("name")); err != nil {
				return &usageError{"--name: " + err.Error(), ""}
			}
			return runDestroy(c)
		},
	}
}

func runDestroy(c *cli.Context) error {
	if err := checkChangeFlags(c); err != nil {
		return err
	}
	account, err := openAccount(c)
	if err != nil {
		return err
	}
	p, err := plan.MakeDestroy(c.Context, plan.DestroyOptions{
		Name: c.String("name"), Place: account.Place(), Stacks: c.StringSlice("stack"), Finders: account.Finders(), Data: c.Bool("data"),
	})
	if err != nil {
		return err
	}
	applied, err := change(c, p)
	if err != nil || !applied && !p.Empty() {
		return err
	}
	if c.Bool("dry-run") {
		return nil
	}
	checks, err := p.Prove(c.Context, plan.ApplyOptions{Pause: c.Duration("poll")})
	w := c.App.Writer
	if c.Bool("json") {
		w = c.App.ErrWriter // standard output holds one JSON object
	}
	what := c.String("name")
	if stacks := c.StringSlice("stack"); len(stacks) > 0 {
		what = strings.Join(stacks, " and ") + " of " + what
	}
	return errors.Join(writeProof(w, what, checks), err)
}

// writeProof lists what was asked, and what is left or kept.
func writeProof(w io.Writer, what string, checks []plan.Check) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	kept, left := 0, 0
	for _, check := range checks {
		said := "none"
		if words := slices.Concat(check.Left, check.Kept); len(words) > 0 {
			said = strings.Join(words, ", ")
		}
		kept, left = kept+len(check.Kept), left+len(check.Left)
		fmt.Fprintf(columns, "%s\t%s\t%s\n", check.Kind, said, check.How)
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	switch {
	case left > 0:
		return nil // the error says it
	case kept > 0:
		fmt.Fprintf(w, "of %s only data is left, %s; --data deletes it too\n", what, counted(kept, "object"))
	default:
		fmt.Fprintf(w, "nothing of %s is left\n", what)
	}
	return nil
}
