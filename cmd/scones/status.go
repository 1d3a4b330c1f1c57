package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/plan"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "what exists in the account, since when, and what it has cost so far",
		Description: "Costs are the hourly price of today times the hours since the object was made: what it cost at another size, and what is\n" +
			"charged by use, is not in them.\n\nExamples:\n  scones status\n  scones status --name bikes --json",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "only the deployment `NAME` (default: all)"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		}, accountFlags()),
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return &usageError{fmt.Sprintf("%q is no flag", c.Args().First()), "the deployment is named by --name"}
			}
			account, err := openAccount(c)
			if err != nil {
				return err
			}
			existing, err := plan.Survey(c.Context, account.Finders(), c.String("name"))
			if err != nil {
				return err
			}
			s := newStatus(account.Place(), existing, time.Now())
			if c.Bool("json") {
				return writeJSON(c.App.Writer, s)
			}
			return s.write(c.App.Writer)
		},
	}
}

// A statusReport is what exists, deployment by deployment.
type statusReport struct {
	Place   string         `json:"place"`
	Objects []statusObject `json:"objects"`
	Hourly  float64        `json:"usd_per_hour"`
	SoFar   float64        `json:"usd_so_far"`
	Unknown []string       `json:"unknown,omitempty"`
}

type statusObject struct {
	Deployment string     `json:"deployment"`
	Part       plan.Part  `json:"part"`
	Kind       plan.Kind  `json:"kind"`
	Name       string     `json:"name"`
	ARN        string     `json:"arn,omitempty"`
	State      string     `json:"state"`
	Since      *time.Time `json:"since,omitempty"`
	Price      plan.Price `json:"price"`
	SoFar      float64    `json:"usd_so_far"`
	Holds      string     `json:"holds,omitempty"`
}

func newStatus(place string, existing []plan.Existing, now time.Time) *statusReport {
	s := &statusReport{Place: place, Objects: []statusObject{}}
	for _, e := range existing {
		o := statusObject{
			Deployment: e.Deployment(), Part: e.State.Part(), Kind: e.Kind, Name: e.Name, ARN: e.State.ARN, State: cmp.Or(e.State.Detail, e.State.Phase.String()),
			Price: e.State.Price, SoFar: e.SoFar(now), Holds: e.State.Holds,
		}
		if !e.State.Created.IsZero() {
			o.Since = &e.State.Created
		}
		s.Objects = append(s.Objects, o)
		s.Hourly += o.Price.Hourly
		s.SoFar += o.SoFar
		if o.Price.Unknown != "" && !slices.Contains(s.Unknown, o.Price.Unknown) {
			s.Unknown = append(s.Unknown, o.Price.Unknown)
		}
	}
	slices.SortStableFunc(s.Objects, func(a, b statusObject) int { return cmp.Compare(a.Deployment, b.Deployment) })
	return s
}

func (s *statusReport) write(w io.Writer) error {
	fmt.Fprintln(w, s.Place)
	if len(s.Objects) == 0 {
		_, err := fmt.Fprintln(w, "nothing exists")
		return err
	}
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	deployment := "\x00"
	for _, o := range s.Objects {
		if o.Deployment != deployment {
			deployment = o.Deployment
			fmt.Fprintf(columns, "\n%s\t\tSTATE\tSINCE\tUSD/HOUR\tSO FAR\n", cmp.Or(printable(deployment), "(without tags)"))
		}
		since := ""
		if o.Since != nil {
			since = o.Since.UTC().Format("2006-01-02 15:04")
		}
		state := printable(o.State)
		if o.Holds != "" {
			state += ", " + o.Holds
		}
		hour, sofar := fmt.Sprintf("%.4g", o.Price.Hourly), fmt.Sprintf("%.2f", o.SoFar)
		switch {
		case o.Price.Unknown != "":
			hour, sofar = "not known", "not known"
		case o.Price.Hourly == 0 && (len(o.Price.Uses) > 0 || o.Price.UnknownUse != ""):
			hour, sofar = "by use", ""
		}
		fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\t%s\n", o.Kind, printable(o.Name), state, since, hour, sofar)
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n$%.4g an hour, about $%.2f so far\n", s.Hourly, s.SoFar)
	for _, unknown := range s.Unknown {
		fmt.Fprintf(w, "  not known: %s\n", unknown)
	}
	return nil
}
