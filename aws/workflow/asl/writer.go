package asl

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"
)

// A resultWriter says where a Distributed Map's results go.
type resultWriter struct {
	parameters *template
	transform  string // NONE, COMPACT or FLATTEN
	lines      bool   // JSONL instead of JSON
}

func parseWriter(f *fields) *resultWriter {
	value, ok := f.take("ResultWriter")
	if !ok {
		return nil
	}
	g := f.inner(f.at+", ResultWriter", value)
	w := &resultWriter{parameters: g.arguments(), transform: "NONE"}
	resource := g.text("Resource")
	if resource != "" && resource != "arn:aws:states:::s3:putObject" {
		g.problem("writes to %s, which is not interpreted here; s3:putObject is", resource)
	}
	if (resource == "") != (w.parameters == nil) {
		g.problem("Resource and Parameters belong together")
	}
	if config, ok := g.take("WriterConfig"); ok {
		h := f.inner(g.at+", WriterConfig", config)
		if transform := h.text("Transformation"); transform != "" {
			w.transform = transform
		}
		if w.transform != "NONE" && w.transform != "COMPACT" && w.transform != "FLATTEN" {
			h.problem("Transformation %q is none of NONE, COMPACT and FLATTEN", w.transform)
		}
		format := h.text("OutputType")
		if w.lines = format == "JSONL"; format != "" && format != "JSON" && !w.lines {
			h.problem("OutputType %q is neither JSON nor JSONL", format)
		}
		h.rest()
	}
	g.rest()
	return w
}

// write returns a Distributed Map's result: the outputs of the executions that succeeded, or, with a ResultWriter that names a
// bucket, where they were written.
func (v *visit) write(ctx context.Context, effective any, mapRun string, children []*Execution) (any, error) {
	w := v.state.each.writer
	if w == nil {
		return outputs(children, ""), nil
	}
	succeeded := w.results(children, Succeeded)
	if w.parameters == nil {
		return succeeded, nil
	}
	if v.options.Objects == nil {
		return nil, ErrObjects
	}
	parameters, err := w.parameters.fill(effective, v.context())
	if err != nil {
		return nil, err
	}
	bucket, _ := field(parameters, "Bucket").(string)
	prefix, _ := field(parameters, "Prefix").(string)
	folder := path.Join(prefix, mapRun[strings.LastIndexByte(mapRun, ':')+1:])
	files := map[string]any{}
	put := func(name string, data []byte) error {
		if err := v.options.Objects.Write(ctx, bucket, path.Join(folder, name), data); err != nil {
			return &Error{Name: ResultWriterFailed, Cause: err.Error()}
		}
		return nil
	}
	for status, results := range map[string][]any{"SUCCEEDED": succeeded, "FAILED": w.results(children, Failed), "PENDING": nil} {
		files[status] = []any{}
		if len(results) == 0 {
			continue
		}
		name, data := status+"_0.json", []byte(text(results))
		if w.lines {
			name, data = status+"_0.jsonl", lines(results)
		}
		if err := put(name, data); err != nil {
			return nil, err
		}
		files[status] = []any{map[string]any{"Key": path.Join(folder, name), "Size": asNumber(len(data))}}
	}
	manifest := map[string]any{"DestinationBucket": bucket, "MapRunArn": mapRun, "ResultFiles": files}
	if err := put("manifest.json", []byte(text(manifest))); err != nil {
		return nil, err
	}
	return map[string]any{
		"MapRunArn": mapRun, "ResultWriterDetails": map[string]any{"Bucket": bucket, "Key": path.Join(folder, "manifest.json")},
	}, nil
}

func lines(results []any) []byte {
	var out bytes.Buffer
	for _, r := range results {
		fmt.Fprintf(&out, "%s\n", text(r))
	}
	return out.Bytes()
}

// results are the executions of a status as the writer's configuration wants them; failed ones are always whole.
func (w *resultWriter) results(children []*Execution, status Status) []any {
	if status == Succeeded && w.transform != "NONE" {
		return outputs(children, w.transform)
	}
	list := []any{}
	for _, e := range children {
		if e != nil && (e.Status == status || status == Failed && e.Status != Succeeded) {
			list = append(list, e.record())
		}
	}
	return list
}

// outputs are what the executions that succeeded gave; FLATTEN takes lists apart.
func outputs(children []*Execution, transform string) []any {
	list := []any{}
	for _, e := range children {
		if e == nil || e.Status != Succeeded {
			continue
		}
		if inner, ok := e.Output.([]any); ok && transform == "FLATTEN" {
			list = append(list, inner...)
			continue
		}
		list = append(list, e.Output)
	}
	return list
}

// record is an execution as Step Functions writes it into a result file.
func (e *Execution) record() any {
	const layout = "2006-01-02T15:04:05.000Z"
	included := map[string]any{"Included": true}
	object := map[string]any{
		"ExecutionArn": e.ARN, "Input": text(e.Input), "InputDetails": included, "Name": e.Name, "Status": string(e.Status),
		"StartDate": e.Start.UTC().Format(layout), "StopDate": e.Stop.UTC().Format(layout),
		"RedriveCount": asNumber(0), "RedriveStatus": "NOT_REDRIVABLE",
	}
	if e.Status == Succeeded {
		object["Output"], object["OutputDetails"] = text(e.Output), included
	} else if e.Error != nil {
		object["Error"], object["Cause"] = e.Error.Name, e.Error.Cause
	}
	return object
}
