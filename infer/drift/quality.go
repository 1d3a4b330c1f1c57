package drift

import (
	"fmt"
	"slices"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// quality evaluates the window's answers where their true classes are known.
func (r *Report) quality(window *Sample, truth []string, threshold float64) error {
	if truth == nil {
		return nil
	}
	set, err := answers(window, truth)
	if err != nil {
		return err
	}
	if len(set.Answers) == 0 {
		r.Notes = append(r.Notes, "no row of the window has a true class: nothing can be said of accuracy")
		return nil
	}
	q, err := evaluate.Run(set, evaluate.Doubts{}, evaluate.Options{Threshold: threshold})
	if err != nil {
		return fmt.Errorf("evaluating the window: %w", err)
	}
	r.Quality = q
	return nil
}

// answers pairs a sample's labels with true classes. A class that the model does not know is one more.
func answers(s *Sample, truth []string) (*evaluate.Set, error) {
	label, confidence, scores := s.Column(LabelColumn), s.Column(ConfidenceColumn), s.Column(ScoresColumn)
	if label == nil || label.Values == nil || confidence == nil || confidence.Numbers == nil {
		return nil, fmt.Errorf("true classes are of no use: %w: the columns %q and %q are missing", ErrSample, LabelColumn, ConfidenceColumn)
	}
	set := &evaluate.Set{Labels: slices.Clone(s.Labels)}
	index := map[string]int{}
	for i, name := range set.Labels {
		index[name] = i
	}
	class := func(name string) int {
		i, ok := index[name]
		if !ok {
			i = len(set.Labels)
			index[name], set.Labels = i, append(set.Labels, name)
		}
		return i
	}
	for i, name := range truth {
		if name != "" && label.Values[i] != "" {
			class(name)
			class(label.Values[i])
		}
	}
	for i, name := range truth {
		row := &s.Rows[i]
		picture := row.Picture
		if picture == "" {
			picture = row.EventID
		}
		switch {
		case name == "":
			set.Unlabelled = append(set.Unlabelled, picture)
			continue
		case label.Values[i] == "" || confidence.Numbers[i] != confidence.Numbers[i]:
			set.Failed = append(set.Failed, evaluate.Failure{Picture: picture, Code: row.Error, Text: row.Error})
			continue
		}
		a := evaluate.Answer{Picture: picture, Truth: class(name), Predicted: class(label.Values[i]), Score: confidence.Numbers[i]}
		if scores != nil && scores.Vectors != nil && len(scores.Vectors[i]) == len(s.Labels) {
			a.Scores = make([]float64, len(set.Labels))
			for k, v := range scores.Vectors[i] {
				a.Scores[k] = float64(v)
			}
		}
		set.Answers = append(set.Answers, a)
	}
	return set, nil
}

// Judge gives a sample the column [RightColumn] from true classes by row, empty where unknown.
func (s *Sample) Judge(truth []string) error {
	label := s.Column(LabelColumn)
	if label == nil || label.Values == nil || len(truth) != len(s.Rows) {
		return fmt.Errorf("%w: %d true classes, and a column %q is needed", ErrSample, len(truth), LabelColumn)
	}
	right := make([]float64, len(truth))
	for i, name := range truth {
		switch {
		case name == "" || label.Values[i] == "":
			right[i] = Missing.Number
		case name == label.Values[i]:
			right[i] = 1
		}
	}
	s.Columns = append(s.Columns, Column{Name: RightColumn, Group: Operation, Numbers: right})
	return nil
}
