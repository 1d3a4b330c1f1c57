package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model"
)

// answersOfRows takes the answers that scones classify wrote.
func answersOfRows(c *cli.Context, o *evaluateOptions, name string) (*evaluated, error) {
	rows, err := readRows(name)
	if err != nil {
		return nil, err
	}
	e := &evaluated{classes: new(classNames)}
	if meta, err := result.ReadMeta(name); err != nil {
		return nil, err
	} else if meta != nil {
		e.meta = *meta
		if !meta.Complete {
			e.warning = fmt.Sprintf("%s is of a run that was not finished", name)
		}
	}
	if e.meta.Model == "" {
		e.meta.Model = name
	} else {
		e.meta.Model += " (" + name + ")"
	}
	if e.classes.labels, err = labelsFromFlags(c); err != nil {
		return nil, err
	}
	if len(e.classes.labels) == 0 {
		e.classes.open = true
		if e.classes.labels, err = labelsOfRows(rows); err != nil {
			return nil, fmt.Errorf("reading %q: %w", name, err)
		}
	}
	t, from, err := o.truth(e.classes)
	if err != nil {
		return nil, err
	}
	t.elsewhere, e.from = true, from
	truths := make([]int, len(rows)) // before the scores: a truth may add a class
	for i, row := range rows {
		truths[i] = -1
		if class, ok := t.of(row.Path); ok {
			truths[i] = class
		}
	}
	e.set.Labels = e.classes.labels
	seen := map[string]bool{}
	for i, row := range rows {
		switch {
		case seen[row.Path]:
			return nil, fmt.Errorf("reading %q: %q has two rows", name, row.Path)
		case truths[i] < 0:
			e.set.Unlabelled = append(e.set.Unlabelled, row.Path)
		case row.Error != "":
			e.set.Failed = append(e.set.Failed, evaluate.Failure{Picture: row.Path, Code: row.Error, Text: row.ErrorText})
		case row.Index >= len(e.set.Labels):
			return nil, fmt.Errorf("reading %q: %q is of class %d, there are %d labels", name, row.Path, row.Index, len(e.set.Labels))
		default:
			e.set.Answers = append(e.set.Answers, evaluate.Answer{Picture: row.Path, Truth: truths[i], Predicted: row.Index, Score: float64(row.Score), Scores: scoresOf(row, len(e.set.Labels))})
		}
		seen[row.Path] = true
	}
	if len(e.set.Answers) == 0 && len(rows) > 0 {
		return nil, &hintedError{fmt.Errorf("%q: no row's path has a true class, not even %q", name, rows[0].Path), "--data is the folder that the rows' paths start from"}
	}
	e.complement()
	return e, nil
}

func readRows(name string) ([]result.Row, error) {
	var rows []result.Row
	for row, err := range result.Read(name) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("reading %q: there are no rows", name)
	}
	return rows, nil
}

// labelsOfRows gathers the classes that rows name.
func labelsOfRows(rows []result.Row) ([]string, error) {
	known := map[int]string{}
	add := func(index int, label string) error {
		if before, ok := known[index]; ok && before != label {
			return fmt.Errorf("class %d is %q in one row and %q in another", index, before, label)
		}
		if index >= maxClasses {
			return fmt.Errorf("class %d, there may be %d", index, maxClasses)
		}
		known[index] = label
		return nil
	}
	for _, row := range rows {
		if row.Error != "" {
			continue
		}
		for _, class := range append(row.TopK, model.Class{Index: row.Index, Label: row.Label}) {
			if err := add(class.Index, class.Label); err != nil {
				return nil, err
			}
		}
	}
	var labels []string
	for index, label := range known {
		for len(labels) <= index {
			labels = append(labels, "")
		}
		labels[index] = label
	}
	for i, label := range labels {
		if label == "" {
			labels[i] = fmt.Sprintf("class_%d", i)
		}
	}
	return labels, nil
}

// scoresOf gives the scores of all classes, nil where the row lacks some.
func scoresOf(row result.Row, classes int) []float64 {
	if len(row.TopK) != classes {
		return nil
	}
	scores := make([]float64, classes)
	filled := make([]bool, classes)
	for _, c := range row.TopK {
		if c.Index >= classes || filled[c.Index] {
			return nil
		}
		scores[c.Index], filled[c.Index] = float64(c.Score), true
	}
	return scores
}

// complement fills the second of two classes' scores where rows have the best one only. A best score below one half is not that of two
// classes whose scores sum to one.
func (e *evaluated) complement() {
	lacks := func(a evaluate.Answer) bool { return a.Scores == nil }
	if len(e.set.Labels) != 2 || !slices.ContainsFunc(e.set.Answers, lacks) ||
		slices.ContainsFunc(e.set.Answers, func(a evaluate.Answer) bool { return a.Score < 0.5 }) {
		return
	}
	for i := range e.set.Answers {
		if a := &e.set.Answers[i]; a.Scores == nil {
			a.Scores = make([]float64, 2)
			a.Scores[a.Predicted], a.Scores[1-a.Predicted] = a.Score, 1-a.Score
		}
	}
	e.warning = strings.TrimPrefix(e.warning+"; the rows have the best score only: the other class is taken to have the rest", "; ")
}

// pictureFile finds the file of a picture that rows name: as it is, or below --data.
func pictureFile(o *evaluateOptions, name string) string {
	if o.data == "" || exists(name) {
		return name
	}
	return filepath.Join(o.data, name)
}
