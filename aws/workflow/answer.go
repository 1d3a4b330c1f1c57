package workflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// An Answer is what a workflow said of one picture.
type Answer struct {
	Object Reference
	Scores []float64 // in class order; empty with an error, unless it is [ThresholdNotMet]
	Label  string
	Model  string
	Error  string // the error's name, one of the constants; empty when the picture passed
	Cause  string
	Image  string // the picture in base64, where it travelled with the answer
}

// A record is an execution as a Distributed Map's ResultWriter writes it.
type record struct {
	Input, Output, Status, Error, Cause string
}

// Answers yields the answers in one entry of a results file: of an execution as a ResultWriter writes it, of the output of one, or of a
// row that mode map makes. An execution of several pictures has several; one that failed has the pictures of its input, each with its
// error. An error in the second value is about the entry, and there is no more of it.
func Answers(entry json.RawMessage) iter.Seq2[Answer, error] {
	return func(yield func(Answer, error) bool) {
		if err := answers(entry, 0, yield); err != nil && !errors.Is(err, errEnough) {
			yield(Answer{}, err)
		}
	}
}

// errEnough ends a walk whose consumer has enough.
var errEnough = errors.New("enough")

func answers(entry json.RawMessage, depth int, yield func(Answer, error) bool) error {
	if depth > maxWrappers {
		return fmt.Errorf("it lies in more than %d lists", maxWrappers)
	}
	var list []json.RawMessage
	if json.Unmarshal(entry, &list) == nil {
		for _, inner := range list {
			if err := answers(inner, depth+1, yield); err != nil {
				return err
			}
		}
		return nil
	}
	var r record
	if json.Unmarshal(entry, &r) == nil && r.Status != "" && r.Input != "" {
		if r.Status == "SUCCEEDED" {
			return answers(json.RawMessage(r.Output), depth+1, yield)
		}
		var batch struct{ Items []json.RawMessage }
		if json.Unmarshal([]byte(r.Input), &batch) != nil || len(batch.Items) == 0 {
			batch.Items = []json.RawMessage{json.RawMessage(r.Input)}
		}
		for _, item := range batch.Items {
			e, err := readEvent(item)
			if err != nil {
				return err
			}
			if !yield(Answer{Object: e.object, Error: orUnknown(r.Error), Cause: r.Cause, Image: e.imageData}, nil) {
				return errEnough
			}
		}
		return nil
	}
	e, err := readEvent(entry)
	if err != nil {
		return err
	}
	a := Answer{Object: e.object, Scores: e.scores, Label: e.label, Model: e.model, Image: e.imageData}
	a.Error, _ = e.fields["error"].(string)
	a.Cause, _ = e.fields["cause"].(string)
	if len(a.Scores) == 0 && a.Error == "" {
		return errors.New("it holds neither inferences nor an error")
	}
	if !yield(a, nil) {
		return errEnough
	}
	return nil
}

func orUnknown(name string) string {
	if name == "" {
		return Unknown
	}
	return name
}

// Best is the index of the most probable class.
func (a *Answer) Best() int { return (&event{scores: a.Scores}).best() }
