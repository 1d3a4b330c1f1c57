package result

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// A Format is how rows are written.
type Format string

// The formats.
const (
	Table   Format = "table"   // for people; streams, shortens long paths, and is not meant to be read back
	CSV     Format = "csv"     // RFC 4180 with a header, line feeds only
	JSONL   Format = "jsonl"   // one JSON object a line
	Parquet Format = "parquet" // snappy-compressed; complete or absent
)

// ParseFormat reads a format's name.
func ParseFormat(name string) (Format, error) {
	switch f := Format(name); f {
	case Table, CSV, JSONL, Parquet:
		return f, nil
	}
	return "", fmt.Errorf("unknown format %q: one of table, csv, jsonl, parquet", name)
}

// FormatOf returns the format that a file's extension stands for.
func FormatOf(out string) (Format, error) {
	switch strings.ToLower(filepath.Ext(out)) {
	case ".csv":
		return CSV, nil
	case ".jsonl", ".ndjson":
		return JSONL, nil
	case ".parquet":
		return Parquet, nil
	case ".txt":
		return Table, nil
	}
	return "", fmt.Errorf("cannot tell the format of %q by its extension: .csv, .jsonl, .parquet or .txt", out)
}

// A Writer writes rows in one format.
type Writer interface {
	// Write adds a row. It may stay in memory until Flush.
	Write(Row) error
	// Flush hands every row so far to the underlying writer.
	Flush() error
}

// NewWriter returns the writer of a text format; header says whether the CSV header is still to be written. Parquet is no stream:
// see [Create].
func NewWriter(f Format, w io.Writer, columns Columns, header bool) (Writer, error) {
	switch f {
	case CSV:
		return newCSV(w, columns, header), nil
	case JSONL:
		return newJSONL(w), nil
	}
	return nil, fmt.Errorf("format %q cannot be written as a stream", f)
}
