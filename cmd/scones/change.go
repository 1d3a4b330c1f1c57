package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// changeFlags are those of every command that changes an account by a plan.
func changeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "dry-run", Usage: "show the plan, change nothing"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask before anything is changed"},
		&cli.StringFlag{Name: "plan", Usage: "with --dry-run write the plan to `FILE`; without, apply only if it is still the plan in FILE"},
		&cli.DurationFlag{Name: "poll", Usage: "look at what is under way every `TIME` (default: more and more seldom, up to every 10s)"},
		&cli.BoolFlag{Name: "json", Usage: "print the plan as one JSON object"},
	}
}

// checkChangeFlags refuses before any call what nobody could answer.
func checkChangeFlags(c *cli.Context) error {
	switch {
	case c.IsSet("poll") && c.Duration("poll") <= 0:
		return &usageError{fmt.Sprintf("--poll %v: must be more than 0", c.Duration("poll")), ""}
	case c.Bool("dry-run") && c.Bool("yes"):
		return &usageError{"--dry-run and --yes exclude each other", ""}
	case !c.Bool("dry-run") && !c.Bool("yes") && c.String("plan") == "" && !isTerminal(c.App.Reader):
		return &usageError{"nobody is there to agree to the plan", "look at it with --dry-run, then agree with --yes, or with --plan FILE to that plan alone"}
	}
	return nil
}

// change shows a plan, asks, and applies it. False tells that nothing was to be done, or only shown.
func change(c *cli.Context, p *plan.Plan) (bool, error) {
	if err := showPlan(c, p); err != nil {
		return false, err
	}
	if c.Bool("dry-run") {
		return false, writePlan(c.String("plan"), p)
	}
	yes, err := agreed(c, p)
	if err != nil || !yes {
		return false, err
	}
	if p.Empty() {
		return false, nil
	}
	return true, applyPlan(c, p)
}

func showPlan(c *cli.Context, p *plan.Plan) error {
	if c.Bool("json") {
		return writeJSON(c.App.Writer, p.Document())
	}
	return p.WriteTable(c.App.Writer)
}

func writePlan(name string, p *plan.Plan) error {
	if name == "" {
		return nil
	}
	data, err := json.MarshalIndent(p.Document(), "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(name, append(data, '\n'))
}

// maxPlan is the largest plan file that is read, in bytes.
const maxPlan = 16 << 20

// agreed tells whether the plan may be applied: by --yes, because it is the one in --plan's file, or because somebody says so now.
func agreed(c *cli.Context, p *plan.Plan) (bool, error) {
	if name := c.String("plan"); name != "" {
		data, err := readLimited(name, maxPlan)
		if errors.Is(err, fs.ErrNotExist) {
			return false, &hintedError{fmt.Errorf("read plan: %w", err), "write it first, with --dry-run --plan " + name}
		}
		if err != nil {
			return false, err
		}
		var approved struct{ Fingerprint string }
		if err := json.Unmarshal(data, &approved); err != nil {
			return false, fmt.Errorf("read plan %q: %w", name, err)
		}
		if approved.Fingerprint != p.Fingerprint() && !p.Empty() {
			return false, &hintedError{fmt.Errorf("the plan is now %s, %q holds %s: the account or the command has changed since", p.Fingerprint(), name, approved.Fingerprint),
				"look at it and write it again with --dry-run --plan " + name}
		}
		return true, nil
	}
	if c.Bool("yes") || p.Empty() {
		return true, nil
	}
	return saysYes(c, "apply it?", "nothing was changed")
}

// saysYes asks a question; otherwise says what follows from any answer but yes.
func saysYes(c *cli.Context, question, otherwise string) (bool, error) {
	fmt.Fprintf(c.App.ErrWriter, "%s [y/N] ", question)
	line, err := bufio.NewReader(c.App.Reader).ReadString('\n')
	if err != nil && line == "" {
		return false, errors.New("no answer")
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	fmt.Fprintln(c.App.ErrWriter, "scones: "+otherwise)
	return false, nil
}

// applyPlan carries a plan out, and says how to go on where it could not.
func applyPlan(c *cli.Context, p *plan.Plan) error {
	progress := &planProgress{w: c.App.ErrWriter, live: isTerminal(c.App.ErrWriter)}
	err := p.Apply(c.Context, plan.ApplyOptions{Report: progress.report, Pause: c.Duration("poll")})
	progress.end()
	if err != nil {
		fmt.Fprintf(c.App.ErrWriter, "scones: %d of %d steps are done; the same command goes on from there\n", progress.done, progress.steps)
	}
	return err
}
