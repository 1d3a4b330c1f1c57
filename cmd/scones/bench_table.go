package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/bench"
)

// writeBench draws the plot and prints the report.
func writeBench(c *cli.Context, o *benchOptions, r *bench.Report) error {
	if o.plot != "" {
		if err := writePlot(o.plot, r); err != nil {
			return fmt.Errorf("writing %q: %w", o.plot, err)
		}
	}
	if o.json {
		return writeJSON(c.App.Writer, r)
	}
	return benchTable(c.App.Writer, r)
}

// writePlot draws in memory first, so that what goes wrong leaves an old file alone.
func writePlot(name string, r *bench.Report) error {
	var file bytes.Buffer
	if err := bench.WritePlot(&file, r); err != nil {
		return err
	}
	return os.WriteFile(name, file.Bytes(), 0o644)
}

// benchTable prints a report for people.
func benchTable(out io.Writer, r *bench.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "scones %s, %s, %s, decoder %s\n", r.Scones, r.Runtime, r.Device, r.Decoder)
	fmt.Fprintf(w, "%s, %s, %s/%s\n", r.Machine.CPU, counted(r.Machine.Cores, "core"), r.Machine.OS, r.Machine.Arch)
	for i := range r.Models {
		modelTable(w, r, &r.Models[i])
	}
	if q := r.Comparison; q != nil {
		fmt.Fprintf(w, "\n%s is %.2f × as fast as %s (%.2f to %.2f in %d pairs)\n",
			r.Models[1].Model, q.Ratio, r.Models[0].Model, q.Least, q.Most, q.Pairs)
	}
	if r.Grid != nil {
		gridTable(w, r.Grid)
	}
	return w.Flush()
}

func modelTable(w io.Writer, r *bench.Report, m *bench.ModelReport) {
	fmt.Fprintf(w, "\n%s: %s, %d a round\n\n", m.Model, r.Pictures, m.Count)
	s, shares := m.Stages, m.Stages.Shares()
	fmt.Fprintln(w, "STAGE\tONE CORE\tSHARE")
	for i, stage := range []struct {
		name string
		us   float64
	}{
		{"read", s.Read}, {"decode", s.Decode}, {"resize", s.Resize}, {fmt.Sprintf("inference, batch %d", s.InferenceBatch), s.Inference},
	} {
		fmt.Fprintf(w, "%s\t%s\t%.1f %%\n", stage.name, duration(stage.us), 100*shares[i])
	}
	fmt.Fprintf(w, "\nrate\t%.1f pictures/s\n", m.Rate)
	fmt.Fprintf(w, "limit\t%.1f pictures/s\t(decode + resize + inference on %s)\n", m.Limit, counted(r.Machine.Cores, "core"))
	fmt.Fprintf(w, "efficiency\t%.1f %%\n", 100*m.Efficiency)
	if m.Used > 0 {
		fmt.Fprintf(w, "uses\t%s of one core a picture\t(all of it; the stages' sum is %s)\n", duration(m.Used), duration(s.Read+s.Decode+s.Resize+s.Inference))
	}
	fmt.Fprintf(w, "latency\t%s p50, %s p90, %s p99\t(one picture at a time)\n", duration(m.Latency.P50), duration(m.Latency.P90), duration(m.Latency.P99))
	fmt.Fprintf(w, "runs as\t%s, %s a call, batch %d\n", counted(m.Plan.Workers, "worker"), counted(m.Plan.Threads, "thread"), m.Plan.Batch)
	fmt.Fprintf(w, "because\t%s\n", m.Plan.Reason)
	if m.Failed > 0 {
		fmt.Fprintf(w, "failed\t%d of %d pictures\n", m.Failed, m.Count)
	}
}

func gridTable(w io.Writer, g *bench.GridReport) {
	fmt.Fprintln(w, "\nWORKERS\tTHREADS\tBATCH\tPICTURES/S\tOF BEST\tONE CORE")
	for _, cell := range g.Cells {
		mark := ""
		if cell == g.Best {
			mark = "best"
		}
		if cell == g.Chosen {
			mark = "chosen"
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%.1f\t%.1f %%\t%s\t%s\n", cell.Workers, cell.Threads, cell.Batch, cell.Rate, 100*cell.Rate/g.Best.Rate, duration(cell.Used), mark)
	}
	fmt.Fprintf(w, "\nthe chosen plan is %.1f %% behind the best\n", 100*g.Behind)
}

// duration writes microseconds with three digits.
func duration(us float64) string {
	if us < 1000 {
		return fmt.Sprintf("%.3g µs", us)
	}
	if us < 1e6 {
		return fmt.Sprintf("%.3g ms", us/1e3)
	}
	return fmt.Sprintf("%.3g s", us/1e6)
}
