package monitor

import (
	"bytes"
	"iter"
	"path"
	"regexp"
	"strings"

	"github.com/scones-unlimited/scones/infer/capture"
)

// A Source is where rows come from: files, whose kind is told by what is in them, or rows that somebody else made.
type Source struct {
	// Name for people.
	Name string
	// Files to read; nil with Rows.
	Files iter.Seq2[capture.File, error]
	// Far says that files take long to open: several are opened at once, also after the list of them has ended.
	Far bool
	// Rows that were recorded in another way; an error in the second value is final.
	Rows iter.Seq2[Recorded, error]
}

// A Recorded row comes from somewhere else than a file, such as the list of a state machine's executions.
type Recorded struct {
	Row
	// Bytes of the picture, where they came along; else the row's Place is looked up.
	Bytes []byte
	// Err says why there is no row: it counts as a bad record under Code.
	Err error
}

// A shape is how a file is read.
type shape int

const (
	lines    shape = iota // JSON objects, a line each: captures, results, rows, in any mixture
	table                 // CSV or Parquet
	manifest              // a list of files that Batch Transform left
	trace                 // the history of an execution
)

// sniffed is as much of a file as tells its shape.
const sniffed = 4096

var history = regexp.MustCompile(`^\s*\{\s*"events"\s*:`)

// shapeOf tells it by the name and the first bytes.
func shapeOf(name string, head []byte) shape {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".parquet":
		return table
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("[")) && strings.EqualFold(path.Ext(name), ".json"):
		return manifest
	case history.Match(head):
		return trace
	}
	return lines
}
