package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// The names that the columns of a table of true classes go by.
var (
	pathColumn  = []string{"path", "file", "filename", "file_name", "image", "picture"}
	labelColumn = []string{"label", "class", "class_name", "truth", "target"}
)

// csvTruth reads a CSV with a header: a column for the picture's path, one for its class, by label or number. Paths are relative to the
// folder, or to the table's.
func csvTruth(table, folder string, classes *classNames) (*truth, error) {
	in, err := os.Open(table)
	if err != nil {
		return nil, fmt.Errorf("reading the true classes: %w", err)
	}
	defer in.Close()
	reader := csv.NewReader(in)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", table, err)
	}
	path, label := column(header, pathColumn), column(header, labelColumn)
	if path < 0 || label < 0 {
		return nil, &hintedError{fmt.Errorf("reading %q: the header %q has no column for the path or none for the label", table, strings.Join(header, ",")),
			"the first line should be path,label"}
	}
	t := &truth{listed: map[string]int{}, classes: classes, roots: listRoots(table, folder)}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", table, err)
		}
		line, _ := reader.FieldPos(path)
		class, ok := classes.index(strings.TrimSpace(record[label]))
		switch {
		case record[path] == "":
			err = errors.New("the path is missing")
		case !ok:
			err = fmt.Errorf("%q is no label of the model, such as %q", record[label], classes.labels[0])
		case len(classes.labels) > maxClasses:
			err = fmt.Errorf("more than %d classes", maxClasses)
		default:
			err = t.add(record[path], class)
		}
		if err != nil {
			return nil, fmt.Errorf("reading %q: line %d: %w", table, line, err)
		}
	}
}

func column(header, names []string) int {
	return slices.IndexFunc(header, func(h string) bool {
		return slices.Contains(names, strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))))
	})
}
