package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model"
)

// recordedRows are the answers of a file that scones classify wrote.
type recordedRows struct {
	name   string
	byBase map[string][]recordedRow // by the last part of the path
}

type recordedRow struct {
	path   string
	scores []float32
	err    error
}

// A rowError says why a picture has no answer in a file of rows.
type rowError struct {
	code string
	err  error
}

func (e *rowError) Error() string     { return e.err.Error() }
func (e *rowError) Unwrap() error     { return e.err }
func (e *rowError) ErrorCode() string { return e.code }

// maxRecordedRow bounds a line of the file, in bytes.
const maxRecordedRow = 16 << 20

// readRecordedRows reads the rows. Every row must hold the probabilities of all classes, or of one of two.
func readRecordedRows(name string, m *model.Model) (_ *recordedRows, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	defer file.Close()
	r := &recordedRows{name, map[string][]recordedRow{}}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, maxRecordedRow)
	for number := 1; scanner.Scan(); number++ {
		if strings.TrimSpace(scanner.Text()) == "" {
			continue
		}
		var row result.Row
		if err := json.Unmarshal(scanner.Bytes(), &row); err != nil || row.Path == "" {
			return nil, &hintedError{fmt.Errorf("read rows %q, line %d: is no row of scones classify", name, number), howToWriteRows}
		}
		recorded := recordedRow{path: filepath.ToSlash(row.Path)}
		if row.Error != "" {
			recorded.err = &rowError{row.Error, fmt.Errorf("the row says: %s", row.ErrorText)}
		} else if recorded.scores, err = scoresOfRow(&row, m); err != nil {
			return nil, &hintedError{fmt.Errorf("read rows %q, line %d: %w", name, number, err), howToWriteRows}
		}
		base := path.Base(recorded.path)
		r.byBase[base] = append(r.byBase[base], recorded)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read rows %q: %w", name, err)
	}
	return r, nil
}

const howToWriteRows = "scones classify --format jsonl --top-k 0 --out rows.jsonl writes rows with every class"

// scoresOfRow are the probabilities in class order.
func scoresOfRow(row *result.Row, m *model.Model) ([]float32, error) {
	classes := len(m.Labels)
	scores, seen := make([]float32, classes), make([]bool, classes)
	for _, c := range row.TopK {
		if c.Index < 0 || c.Index >= classes {
			return nil, fmt.Errorf("class %d, the local model has %d", c.Index, classes)
		}
		scores[c.Index], seen[c.Index] = c.Score, true
	}
	missing := 0
	for _, s := range seen {
		if !s {
			missing++
		}
	}
	switch {
	case missing == 0:
		return scores, nil
	case classes == 2 && !m.Output.MultiLabel && m.Output.Activation != model.Sigmoid && row.Index >= 0 && row.Index < 2:
		scores[row.Index], scores[1-row.Index] = row.Score, 1-row.Score
		return scores, nil
	}
	return nil, fmt.Errorf("it holds %d of %d classes", classes-missing, classes)
}

// find is the answer for a picture: of the row with its path, or with the path below the folder that was named.
func (r *recordedRows) find(name, root string) ([]float32, error) {
	whole := filepath.ToSlash(name)
	below := whole
	if relative, err := filepath.Rel(root, name); err == nil && relative != "." {
		below = filepath.ToSlash(relative)
	}
	var found []recordedRow
	for _, row := range r.byBase[path.Base(whole)] {
		if row.path == whole {
			return row.scores, row.err
		}
		if row.path == below || strings.HasSuffix(row.path, "/"+below) {
			found = append(found, row)
		}
	}
	switch len(found) {
	case 1:
		return found[0].scores, found[0].err
	case 0:
		return nil, &rowError{"no-row", fmt.Errorf("%s has no row for it", r.name)}
	}
	return nil, &rowError{"no-row", fmt.Errorf("%s has %d rows that may be it: %s, %s", r.name, len(found), found[0].path, found[1].path)}
}
