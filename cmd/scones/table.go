package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/preprocess"
)

// A table prints results as people read them, a line each as it comes: the columns' widths are fixed beforehand.
type table struct {
	w     io.Writer
	path  int // columns
	begun bool
}

// The columns that label, score and time take, and the least that a path gets.
const (
	labelColumns = 16
	restColumns  = labelColumns + 22
	pathColumns  = 30
)

func newTable(w io.Writer) *table {
	return &table{w: w, path: max(pathColumns, min(terminalWidth(w)-restColumns, 80))}
}

func (t *table) write(r infer.Result) error {
	if !t.begun {
		t.begun = true
		if err := t.line("PATH", "LABEL", "SCORE", "TIME"); err != nil {
			return err
		}
	}
	if r.Err != nil {
		_, err := fmt.Fprintf(t.w, "%s  error: %s: %s\n", t.pad(r.Name), preprocess.CodeOf(r.Err), printable(r.Err.Error()))
		return err
	}
	return t.line(r.Name, r.Top[0].Label, fmt.Sprintf("%.4f", r.Top[0].Score), milliseconds(r.Elapsed))
}

func (t *table) line(path, label, score, took string) error {
	_, err := fmt.Fprintf(t.w, "%s  %-*s  %7s  %9s\n", t.pad(path), labelColumns, printable(label), score, took)
	return err
}

// pad fills a path to its column and shortens a longer one at its front, because names differ at their end.
func (t *table) pad(path string) string {
	path = printable(path)
	n := utf8.RuneCountInString(path)
	if n > t.path {
		runes := []rune(path)
		return "…" + string(runes[n-t.path+1:])
	}
	return path + strings.Repeat(" ", t.path-n)
}

// printable keeps control characters in names from reaching the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '·'
		}
		return r
	}, text)
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
