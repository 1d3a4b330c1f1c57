package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/modelmonitor"
)

// The formats of a baseline.
const (
	nativeFormat    = "scones"
	sagemakerFormat = "sagemaker"
)

// sagemakerRows is the number of rows that the statistics of Model Monitor are computed of at most.
const sagemakerRows = 1 << 20

func monitorBaselineCommand() *cli.Command {
	return &cli.Command{
		Name:      "baseline",
		Usage:     "keep what is normal, to compare later windows with",
		ArgsUsage: "SOURCE...",
		Description: "The baseline holds the rows themselves, up to 10,000, else a uniform sample of them: scores, labels, picture statistics and, with --model,\n" +
			"what the model sees in the pictures. A few hundred rows see shifts that matter; with --truth it also says how good the answers were.\n" +
			"With --format sagemaker it is Model Monitor's statistics.json and constraints.json in the folder -o.\n\n" +
			"Examples:\n  scones monitor baseline captures/ -o baseline.json\n  scones monitor baseline -o baseline.json --model model.onnx --truth truth.csv results.jsonl\n" +
			"  scones monitor baseline -o baseline/ --format sagemaker captures/",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Value: "baseline.json", Usage: "write the baseline to `FILE`, or its two files into a folder with --format sagemaker"},
			&cli.StringFlag{Name: "format", Value: nativeFormat, Usage: "`FORMAT` scones or sagemaker"},
			&cli.Float64Flag{Name: "threshold", Value: 0.93, Usage: "`SCORE` that an answer must reach to be accepted, 0 to 1; 0 for none"},
		}, sampleFlags(), monitorSourceFlags()),
		Action: monitorBaseline,
	}
}

func monitorBaseline(c *cli.Context) error {
	format, out, threshold := c.String("format"), c.String("out"), c.Float64("threshold")
	switch {
	case format != nativeFormat && format != sagemakerFormat:
		return &usageError{fmt.Sprintf("--format %q: must be scones or sagemaker", format), ""}
	case out == "":
		return &usageError{"--out names nothing", ""}
	case !(threshold >= 0 && threshold <= 1):
		return &usageError{fmt.Sprintf("--threshold %v: must be 0 to 1", threshold), ""}
	}
	limit := 0
	if format == sagemakerFormat {
		limit = sagemakerRows
		if out == "baseline.json" && !c.IsSet("out") {
			out = "."
		}
	}
	s, err := sampleFromFlags(c, c.Args().Slice(), sampleWishes{threshold: threshold, limit: limit, vectors: format == nativeFormat})
	if err != nil {
		return err
	}
	if s.truth != nil {
		if err := s.Judge(s.truth); err != nil {
			return err
		}
	}
	if format == sagemakerFormat {
		return writeModelMonitor(c, s, out)
	}
	b, err := drift.NewBaseline(s.Sample, c.Uint64("seed"))
	if err != nil {
		return err
	}
	b.Created, b.Scones = time.Now().UTC().Truncate(time.Second), buildInfo().version
	if err := writeFile(out, b.Write); err != nil {
		return err
	}
	return printBaseline(c.App.Writer, b, s, out)
}

// writeModelMonitor writes the two files of a baseline.
func writeModelMonitor(c *cli.Context, s *monitorSample, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	statistics := modelmonitor.Describe(s.Sample)
	for _, file := range []struct {
		name    string
		content any
	}{{modelmonitor.StatisticsFile, statistics}, {modelmonitor.ConstraintsFile, modelmonitor.Suggest(statistics)}} {
		name := filepath.Join(folder, file.name)
		if err := writeFile(name, func(w io.Writer) error { return modelmonitor.Write(w, file.content) }); err != nil {
			return err
		}
		fmt.Fprintf(c.App.Writer, "%s: %s of %s\n", printable(name), plural(len(statistics.Features), "feature", "features"), counted(statistics.Dataset.ItemCount, "row"))
	}
	return nil
}

// printBaseline says what a baseline has.
func printBaseline(w io.Writer, b *drift.Baseline, s *monitorSample, out string) error {
	fmt.Fprintf(w, "%s: %s of %s\n\n", printable(out), counted(len(b.Rows), "row"), printable(b.Source))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "COLUMN\tGROUP\tVALUES\tUSUAL")
	for i := range b.Columns {
		c := &b.Columns[i]
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", printable(c.Name), c.Group, c.Present(), printable(c.Usual()))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if b.Seen() > len(b.Rows) {
		fmt.Fprintf(w, "kept: %s, %d of %d\n", b.Kept, len(b.Rows), b.Seen())
	}
	for _, note := range s.notes {
		fmt.Fprintf(w, "note: %s\n", printable(note))
	}
	return nil
}
