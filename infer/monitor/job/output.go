package job

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/infer/drift/modelmonitor"
	"github.com/scones-unlimited/scones/infer/drift/page"
)

// folder is where everything of this monitor lies.
func (r *run) folder() string {
	return fmt.Sprintf("%s/%s/%s/", strings.TrimSuffix(r.c.Output, "/"), r.c.Endpoint, r.c.Name)
}

// place is where a run's report lies. A further look at the same window has a folder of its own.
func (r *run) place(o *Outcome) string {
	at := r.folder() + o.To.UTC().Format("2006/01/02/15/")
	if r.again {
		at += fmt.Sprintf("look-%d/", o.Look)
	}
	return at
}

// constraints describes the window as Model Monitor does, and checks it by the constraints that Model Monitor would make of the baseline.
// Where not all pictures were measured, the lack of the others is no lack of data.
func (r *run) constraints(report *drift.Report, window *drift.Sample, sampled bool) *modelmonitor.Statistics {
	base, statistics := modelmonitor.Describe(&r.base.Sample), modelmonitor.Describe(window)
	report.Violations = slices.DeleteFunc(modelmonitor.Check(modelmonitor.Suggest(base), base, statistics), func(v drift.Violation) bool {
		c := window.Column(v.Feature)
		return sampled && v.Check == modelmonitor.CompletenessCheck && c != nil && c.Group == drift.Pictures
	})
	return statistics
}

// thumbnailTime is how long the pictures of a page may take.
const thumbnailTime = 30 * time.Second

// write leaves the report in all its forms. The page is written last: where it lies, everything does.
func (r *run) write(ctx context.Context, at string, report *drift.Report, statistics *modelmonitor.Statistics) error {
	type file struct {
		name, kind string
		write      func(io.Writer) error
	}
	document := func(name string, v any) file {
		return file{name, "application/json", func(w io.Writer) error { return modelmonitor.Write(w, v) }}
	}
	files := []file{
		document(modelmonitor.StatisticsFile, statistics),
		document(modelmonitor.ViolationsFile, modelmonitor.Violations{Violations: report.Violations}),
		document("report.json", report),
	}
	files = append(files, file{"report.html", "text/html; charset=utf-8", func(w io.Writer) error {
		pictures, cancel := context.WithTimeout(ctx, thumbnailTime) // a page without pictures is better than none
		defer cancel()
		return page.Write(ctx, w, report, page.Options{Title: r.c.Endpoint, Limits: r.c.limits(), Problems: r.problems,
			Picture: func(_ context.Context, place string) ([]byte, error) { return r.pictureAt(pictures, place) }})
	}})
	for _, f := range files {
		var b bytes.Buffer
		if err := f.write(&b); err != nil {
			return failf(ComparisonFailed, "make %s: %w", f.name, err)
		}
		if err := r.Store.Put(ctx, at+f.name, b.Bytes(), PutOptions{ContentType: f.kind}); err != nil {
			return failf(StoreUnavailable, "write %s%s: %w", at, f.name, err)
		}
	}
	return nil
}
