package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/scones-unlimited/scones/infer/quantize"
)

// writeQuantized prints a report as people read it.
func writeQuantized(w io.Writer, r *quantize.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row("calibration", "%s, %d pictures", r.Method, r.Calibration.Pictures)
	row("judged by", "%d other pictures", r.HeldBack)
	if r.Unreadable > 0 {
		row("unreadable", "%d pictures", r.Unreadable)
	}
	row("same label", "%.2f %%", 100*r.Agreement)
	row("score change", "%.4f at most, %.4f on average", r.LargestMove, r.MeanMove)
	if a := r.Accuracy; a != nil {
		row("accuracy", "%.2f %% float32, %.2f %% INT8 (%d pictures)", 100*a.Float, 100*a.Int8, a.Pictures)
	}
	row("speed", "%.2f times float32 (median of %d pairs)", r.Speedup, len(r.Pairs))
	row("size", "%s, float32 %s", byteText(int64(r.Bytes)), byteText(int64(r.FloatBytes)))
	row("layers", "%d of %d in INT8, weights of %d bits", r.Layers-len(r.KeptFloat), r.Layers, r.WeightBits)
	if len(r.KeptFloat) > 0 {
		row("kept in float32", "%s", printable(strings.Join(r.KeptFloat, ", ")))
	}
	if len(r.Unsupported) > 0 {
		row("not supported", "%s stay in float32", countText(r.Unsupported))
	}
	verdict := "passed"
	if !r.Passed {
		verdict = "failed: " + joined(r.Problems)
	}
	row("gate", "%s", verdict)
	return t.Flush()
}

func joined(problems []string) string { return strings.Join(problems, "; ") }
