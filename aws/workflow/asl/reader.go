package asl

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// maxItems is how many items a Distributed Map takes: what a listing of this size needs fits into memory.
const maxItems = 1_000_000

// maxUnpacked bounds what a compressed inventory grows to, in bytes.
const maxUnpacked = 1 << 30

// An itemReader says where a Distributed Map's items come from.
type itemReader struct {
	list       bool   // the objects of a bucket; else what an object holds
	format     string // CSV, JSON, JSONL or MANIFEST
	parameters *template
	headers    []string // of a CSV without a first line of them
	delimiter  rune
	most       setting
}

func parseReader(f *fields) *itemReader {
	value, ok := f.take("ItemReader")
	if !ok {
		return nil
	}
	g := f.inner(f.at+", ItemReader", value)
	r := &itemReader{parameters: g.arguments()}
	switch resource := g.need("Resource"); resource {
	case "arn:aws:states:::s3:listObjectsV2":
		r.list = true
	case "arn:aws:states:::s3:getObject":
	default:
		g.problem("reads from %s, which is not interpreted here; s3:listObjectsV2 and s3:getObject are", resource)
	}
	if config, ok := g.take("ReaderConfig"); ok {
		h := f.inner(g.at+", ReaderConfig", config)
		r.format, r.most = h.text("InputType"), h.count("MaxItems", 0)
		location := h.text("CSVHeaderLocation")
		r.headers = h.texts("CSVHeaders")
		delimiters := map[string]rune{"": ',', "COMMA": ',', "PIPE": '|', "SEMICOLON": ';', "SPACE": ' ', "TAB": '\t'}
		delimiter := h.text("CSVDelimiter")
		if r.delimiter, ok = delimiters[delimiter]; !ok {
			h.problem("CSVDelimiter %q is none of COMMA, PIPE, SEMICOLON, SPACE and TAB", delimiter)
		}
		if r.format == "CSV" && (location != "FIRST_ROW" && location != "GIVEN" || (location == "GIVEN") != (len(r.headers) > 0)) {
			h.problem("a CSV wants CSVHeaderLocation FIRST_ROW, or GIVEN and CSVHeaders")
		}
		h.rest()
	}
	if !r.list && !slices.Contains([]string{"CSV", "JSON", "JSONL", "MANIFEST"}, r.format) {
		g.problem("InputType %q is not interpreted here; CSV, JSON, JSONL and MANIFEST are", r.format)
	}
	if r.parameters == nil {
		g.problem("what it reads (Parameters, or Arguments in JSONata) is missing")
	}
	g.rest()
	return r
}

// read returns a Distributed Map's items: what the ItemReader reads, else what ItemsPath names.
func (v *visit) read(ctx context.Context, effective any) ([]any, error) {
	r := v.state.each.reader
	if r == nil {
		return v.items(effective)
	}
	items, err := v.readFrom(ctx, r, effective)
	if err != nil && ctx.Err() == nil {
		if _, known := errors.AsType[*Error](err); !known {
			err = &Error{Name: ItemReaderFailed, Cause: err.Error()}
		}
	}
	return items, err
}

func (v *visit) readFrom(ctx context.Context, r *itemReader, effective any) ([]any, error) {
	if v.options.Objects == nil {
		return nil, ErrObjects
	}
	parameters, err := r.parameters.fill(effective, v.context())
	if err != nil {
		return nil, err
	}
	most, err := v.count(r.most, effective, 0)
	if err != nil {
		return nil, err
	}
	limit := int(most)
	if limit == 0 || limit > maxItems {
		limit = maxItems
	}
	bucket, _ := field(parameters, "Bucket").(string)
	if bucket == "" {
		return nil, fmt.Errorf("ItemReader's Parameters name no Bucket")
	}
	if r.list {
		prefix, _ := field(parameters, "Prefix").(string)
		var items []any
		for object, err := range v.options.Objects.List(ctx, bucket, prefix) {
			if err != nil {
				return nil, err
			}
			if len(items) == limit {
				break
			}
			items = append(items, object.item())
		}
		return items, nil
	}
	key, _ := field(parameters, "Key").(string)
	if r.format == "MANIFEST" {
		return v.inventory(ctx, bucket, key, limit)
	}
	data, err := v.options.Objects.Read(ctx, bucket, key)
	if err != nil {
		return nil, err
	}
	items, err := r.parse(data, limit)
	if err != nil {
		return nil, fmt.Errorf("read items from %q: %w", key, err)
	}
	return items, nil
}

func field(value any, name string) any {
	object, _ := value.(map[string]any)
	return object[name]
}

// parse reads the items that an object holds.
func (r *itemReader) parse(data []byte, limit int) ([]any, error) {
	switch r.format {
	case "JSON":
		value, err := Decode(data)
		items, ok := value.([]any)
		if err == nil && !ok {
			err = fmt.Errorf("it holds %s, not an array", kind(value))
		}
		return items[:min(len(items), limit)], err
	case "JSONL":
		var items []any
		for line := range bytes.Lines(data) {
			if line = bytes.TrimSpace(line); len(line) == 0 || len(items) == limit {
				continue
			}
			item, err := Decode(line)
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", len(items)+1, err)
			}
			items = append(items, item)
		}
		return items, nil
	}
	return table(bytes.NewReader(data), r.delimiter, r.headers, limit)
}

// table reads a CSV; every item is an object of strings. Without headers they are its first line.
func table(from io.Reader, delimiter rune, headers []string, limit int) ([]any, error) {
	reader := csv.NewReader(from)
	reader.Comma, reader.FieldsPerRecord = delimiter, -1
	var items []any
	for len(items) < limit {
		record, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if headers == nil {
			headers = record
			continue
		}
		item := make(map[string]any, len(headers))
		for i, header := range headers {
			if i < len(record) {
				item[header] = record[i]
			}
		}
		items = append(items, item)
	}
	return items, nil
}

// inventory reads an S3 inventory: a manifest that names compressed CSV files and their columns.
func (v *visit) inventory(ctx context.Context, bucket, key string, limit int) ([]any, error) {
	data, err := v.options.Objects.Read(ctx, bucket, key)
	if err != nil {
		return nil, err
	}
	manifest, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("read manifest %q: %w", key, err)
	}
	schema, _ := field(manifest, "fileSchema").(string)
	if format := field(manifest, "fileFormat"); format != "CSV" || schema == "" {
		return nil, fmt.Errorf("manifest %q is of an inventory in format %v; CSV is read here", key, format)
	}
	columns := strings.Split(strings.ReplaceAll(schema, " ", ""), ",")
	files, _ := field(manifest, "files").([]any)
	var items []any
	for _, file := range files {
		name, _ := field(file, "key").(string)
		data, err := v.options.Objects.Read(ctx, bucket, name)
		if err != nil {
			return nil, err
		}
		var from io.Reader = bytes.NewReader(data)
		if path.Ext(name) == ".gz" {
			if from, err = gzip.NewReader(from); err != nil {
				return nil, fmt.Errorf("read %q: %w", name, err)
			}
		}
		more, err := table(io.LimitReader(from, maxUnpacked), ',', columns, limit-len(items))
		if err != nil {
			return nil, fmt.Errorf("read %q: %w", name, err)
		}
		items = append(items, more...)
	}
	return items, nil
}
