// Package groundtruth reads the true classes of answers that were given in service: a CSV, or the JSON lines that SageMaker's Model Monitor
// joins with captures (Developer Guide, "Ingest Ground Truth Labels and Merge Them With Predictions").
package groundtruth

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/scones-unlimited/scones/infer/drift"
)

// ErrTruth is wrapped by every error about a file of true classes.
var ErrTruth = errors.New("no true classes")

// Bounds of a file.
const (
	maxLine    = 1 << 20
	maxEntries = 5_000_000
)

// The names that the columns of a CSV go by.
var (
	idColumns = []string{"inference_id", "inferenceid", "event_id", "eventid", "id", "path", "file", "filename", "picture", "image"}
	labels    = []string{"label", "class", "class_name", "truth", "target", "ground_truth"}
)

// A Table is true classes by the id of their answer, or by the name of its picture.
type Table struct {
	classes map[string]string
	used    map[string]bool
}

// Len is the number of entries.
func (t *Table) Len() int { return len(t.classes) }

// Unused is the number of entries that no row asked for.
func (t *Table) Unused() int { return len(t.classes) - len(t.used) }

func newTable() *Table { return &Table{map[string]string{}, map[string]bool{}} }

func (t *Table) add(id, class string) error {
	id, class = strings.TrimSpace(id), strings.TrimSpace(class)
	switch before, known := t.classes[id]; {
	case id == "":
		return errors.New("the id is missing")
	case class == "":
		return errors.New("the label is missing")
	case known && before != class:
		return fmt.Errorf("%q is of class %q here and of %q before", id, class, before)
	case len(t.classes) == maxEntries:
		return fmt.Errorf("more than %d entries", maxEntries)
	}
	t.classes[id] = class
	return nil
}

// Read reads a file, CSV where its name ends in .csv, else JSON lines. Errors wrap [ErrTruth] and name the line.
func Read(name string, r io.Reader) (*Table, error) {
	t := newTable()
	read := t.readLines
	if strings.EqualFold(path.Ext(name), ".csv") {
		read = t.readCSV
	}
	if err := read(r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTruth, err)
	}
	if len(t.classes) == 0 {
		return nil, fmt.Errorf("%w: there are no entries", ErrTruth)
	}
	return t, nil
}

func (t *Table) readCSV(r io.Reader) error {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty")
	}
	if err != nil {
		return err
	}
	id, label := column(header, idColumns), column(header, labels)
	if id < 0 || label < 0 {
		return fmt.Errorf("the header %q has no column for the id or none for the label, such as inference_id,label", strings.Join(header, ","))
	}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.add(record[id], record[label]); err != nil {
			line, _ := in.FieldPos(id)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// column finds the first of names, in their order, in a header.
func column(header, names []string) int {
	for _, name := range names {
		if at := slices.IndexFunc(header, func(h string) bool {
			return strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")), name)
		}); at >= 0 {
			return at
		}
	}
	return -1
}

// A record is a line as SageMaker takes it.
type record struct {
	GroundTruthData struct {
		Data     string `json:"data"`
		Encoding string `json:"encoding"`
	} `json:"groundTruthData"`
	EventMetadata struct {
		EventID string `json:"eventId"`
	} `json:"eventMetadata"`
}

func (t *Table) readLines(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	for number := 1; in.Scan(); number++ {
		if len(strings.TrimSpace(in.Text())) == 0 {
			continue
		}
		var line record
		err := json.Unmarshal(in.Bytes(), &line)
		if err == nil {
			err = t.add(line.EventMetadata.EventID, line.GroundTruthData.Data)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return in.Err()
}

// Of gives the true class of a row: by the inference id if the caller gave one, else by the event id, as Model Monitor joins, and last by
// the picture's path or the end of it. Known labels turn class numbers into labels. It is empty where there is none.
func (t *Table) Of(row *drift.Row, known []string) string {
	for _, id := range []string{row.ID, row.EventID} {
		if class, ok := t.find(id); ok {
			return name(class, known)
		}
	}
	picture := row.Picture
	for picture != "" {
		if class, ok := t.find(picture); ok {
			return name(class, known)
		}
		_, rest, more := strings.Cut(picture, "/")
		if !more {
			break
		}
		picture = rest
	}
	return ""
}

func (t *Table) find(id string) (string, bool) {
	if id == "" {
		return "", false
	}
	class, ok := t.classes[id]
	if ok {
		t.used[id] = true
	}
	return class, ok
}

// name turns the number of a class into its label, unless it is a label itself; where labels are not known, into what rows have then.
func name(class string, known []string) string {
	if slices.Contains(known, class) {
		return class
	}
	number, err := strconv.ParseFloat(class, 64)
	if err != nil || number != float64(int(number)) || number < 0 {
		return class
	}
	if int(number) < len(known) {
		return known[int(number)]
	}
	return fmt.Sprintf("class %d", int(number))
}

// Classes gives the true class of each row, and how many have one.
func (t *Table) Classes(s *drift.Sample) (truth []string, found int) {
	truth = make([]string, len(s.Rows))
	for i := range s.Rows {
		if truth[i] = t.Of(&s.Rows[i], s.Labels); truth[i] != "" {
			found++
		}
	}
	return truth, found
}
