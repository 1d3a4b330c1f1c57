package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/monitor"
)

func monitorLoadCommand() *cli.Command {
	return &cli.Command{
		Name:      "load",
		Usage:     "read what was answered into one table",
		ArgsUsage: "SOURCE...",
		Description: "Rows of all sources, in any order; a record that is there twice, by its event id, counts once. What cannot be read is counted by its\n" +
			"cause and stops nothing. Memory stays the same however many records there are.\n\n" +
			"Examples:\n  scones monitor load captures/\n  scones monitor load --from 24h --out day.parquet s3://bucket/data-capture/endpoint/\n" +
			"  scones monitor load --out runs.csv arn:aws:states:us-east-1:123456789012:stateMachine:scones",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the rows to `FILE`.parquet, .csv or .jsonl"},
			&cli.BoolFlag{Name: "json", Usage: "print what was read as JSON"},
		}, monitorSourceFlags()),
		Action: monitorLoad,
	}
}

func monitorLoad(c *cli.Context) error {
	in, err := openMonitorInput(c, c.Args().Slice())
	if err != nil {
		return err
	}
	write := func(*monitor.Row) error { return nil }
	commit := func() error { return nil }
	if out := c.String("out"); out != "" {
		table, err := monitor.Create(out)
		if err != nil {
			return err
		}
		defer table.Close()
		write, commit = table.Write, table.Commit
	}
	var summary monitor.Summary
	for row, err := range in.rows(c, &summary) {
		if err == nil {
			err = write(&row)
		}
		if err != nil {
			return err
		}
	}
	if err := commit(); err != nil {
		return fmt.Errorf("write %q: %w", c.String("out"), err)
	}
	if c.Bool("json") {
		err = writeJSON(c.App.Writer, summary)
	} else {
		err = printSummary(c.App.Writer, &summary)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.App.ErrWriter, "scones: %s\n", rate(&summary))
	if summary.Records == 0 {
		return &hintedError{errors.New("no records were found"), "captures are files that end in .jsonl or .json; --from and --to may leave all out"}
	}
	return nil
}

// rate says how fast it went.
func rate(s *monitor.Summary) string {
	seconds := s.Elapsed.Seconds()
	text := fmt.Sprintf("%s in %s", counted(s.Records, "record"), s.Elapsed.Round(time.Millisecond))
	if seconds > 0 {
		text += fmt.Sprintf(", %.0f a second", float64(s.Records)/seconds)
	}
	return text
}

// printSummary prints a table of what was read and of what could not be.
func printSummary(w io.Writer, s *monitor.Summary) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range []struct {
		name  string
		count int
		note  string
	}{
		{"files", s.Files, byteSize(s.Bytes)},
		{"records", s.Records, ""},
		{"rows", s.Rows, span(s)},
		{"with picture", s.Pictures, ""},
		{"duplicates", s.Duplicates, "left out by event id"},
		{"outside", s.Outside, "of --from and --to"},
	} {
		if line.count == 0 && (line.name == "duplicates" || line.name == "outside") {
			continue
		}
		text := fmt.Sprintf("%s\t%d", line.name, line.count)
		if line.note != "" {
			text += "\t" + line.note
		}
		fmt.Fprintln(out, text)
	}
	if err := out.Flush(); err != nil || len(s.Causes) == 0 {
		return err
	}
	fmt.Fprintln(w)
	fmt.Fprintln(out, "CONCERNS\tCAUSE\tCOUNT\tFIRST")
	for _, cause := range s.Causes {
		fmt.Fprintf(out, "%s\t%s\t%d\t%s\n", cause.Kind, printable(cause.Code), cause.Count, printable(cause.First+": "+cause.Text))
	}
	return out.Flush()
}

// span is the time from the first row to the last.
func span(s *monitor.Summary) string {
	if s.Earliest.IsZero() {
		return ""
	}
	return s.Earliest.Format(time.RFC3339) + " to " + s.Latest.Format(time.RFC3339)
}

// byteSize writes a number of bytes as people do.
func byteSize(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
