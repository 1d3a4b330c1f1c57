package job

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/scones-unlimited/scones/infer/drift"
)

// folder is where everything of this monitor lies.
func (r *run) folder() string {
	return fmt.Sprintf("%s/%s/%s/", strings.TrimSuffix(r.c.Output, "/"), r.c.Endpoint, r.c.Name)
}

// place is where an entry's report lies. A further look at the same window has a folder of its own.
func (r *run) place(e *Entry) string {
	at := r.folder() + e.To.UTC().Format("2006/01/02/15/")
	if r.again {
		at += fmt.Sprintf("look-%d/", e.Look)
	}
	return at
}

// write leaves the report in all its forms.
func (r *run) write(ctx context.Context, at string, report *drift.Report, window *drift.Sample) error {
	type file struct {
		name, kind string
		write      func(*bytes.Buffer) error
	}
	asJSON := func(v any) func(*bytes.Buffer) error {
		return func(b *bytes.Buffer) error {
			enc := json.NewEncoder(b)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(v)
		}
	}
	files := []file{{"report.json", "application/json", asJSON(report)}}
	if r.Page != nil {
		files = append(files, file{"report.html", "text/html; charset=utf-8", func(b *bytes.Buffer) error { return r.Page(b, report, r.pictureAt(ctx)) }})
	}
	_ = window
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
