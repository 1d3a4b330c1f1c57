package monitor

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	rows "github.com/scones-unlimited/scones/infer/result"
)

// table reads a CSV or Parquet file of rows, this package's or classify's, in batches.
func (l *Loader) table(ctx context.Context, name string, emit func(task) bool) bool {
	if strings.HasPrefix(name, "s3://") {
		return emit(one(unreadable(ctx, name, errors.New("a table in S3 is not read; copy it here first"), false)))
	}
	own, err := isOwnTable(name)
	if err != nil {
		return emit(one(unreadable(ctx, name, err, false)))
	}
	read := l.classified(name)
	if own {
		read = readOwn(name)
	}
	var batch []*result
	flush := func() bool {
		list := batch
		batch = nil
		return len(list) == 0 || emit(func(yield func(*result) bool) {
			for _, r := range list {
				if r.ok {
					l.given(ctx, r, r.row.Place, nil)
				}
				yield(r)
			}
		})
	}
	number := 0
	for row, err := range read {
		number++
		r := &result{row: row, record: true, ok: err == nil}
		if err != nil {
			r.problem(BadRecord, CodeRow, name+":"+strconv.Itoa(number), err)
		}
		if batch = append(batch, r); len(batch) >= chunkLines && !flush() {
			return false
		}
	}
	return flush()
}

// classified are the rows that classify wrote.
func (l *Loader) classified(name string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range rows.Read(name) {
			r := l.rowOf(&row)
			if err == nil && r.Place.File != "" && !strings.Contains(r.Place.File, "://") {
				r.Place.File = beside(name, r.Place.File)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// beside finds a picture as the results name it, or as seen from the folder where they lie.
func beside(name, picture string) string {
	if filepath.IsAbs(picture) {
		return picture
	}
	if _, err := os.Stat(picture); err != nil {
		near := path.Join(filepath.ToSlash(filepath.Dir(name)), picture)
		if _, err := os.Stat(near); err == nil {
			return near
		}
	}
	return picture
}

// rowOf is the row of a result of classify. Scores are there where all classes are.
func (l *Loader) rowOf(from *rows.Row) Row {
	r := Row{Index: from.Index, Label: from.Label, Confidence: from.Score, Latency: NoLatency, Place: Place{File: from.Path}}
	if from.Error != "" {
		r.fail(from.Error)
		return r
	}
	scores := make([]float32, len(from.TopK))
	seen := make([]bool, len(from.TopK))
	for _, c := range from.TopK {
		if c.Index < 0 || c.Index >= len(scores) || seen[c.Index] {
			return r
		}
		scores[c.Index], seen[c.Index] = c.Score, true
	}
	if len(scores) > 1 {
		r.Scores = scores
	}
	return r
}

// isOwnTable tells this package's tables from classify's by a column that only they have.
func isOwnTable(name string) (own bool, err error) {
	defer broken(&err)
	file, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	if strings.EqualFold(path.Ext(name), ".csv") {
		header := make([]byte, sniffed)
		n, _ := io.ReadFull(file, header)
		line, _, _ := strings.Cut(string(header[:n]), "\n")
		return strings.Contains(line, "event_id"), nil
	}
	info, err := file.Stat()
	if err != nil {
		return false, err
	}
	p, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return false, err
	}
	for _, name := range []string{"event_id", "index", "label", "confidence"} {
		if _, ok := p.Schema().Lookup(name); !ok {
			return false, nil
		}
	}
	return true, nil
}

// broken turns a panic of the Parquet library over a damaged file into an error.
func broken(err *error) {
	if problem := recover(); problem != nil {
		*err = fmt.Errorf("the file is damaged: %v", problem)
	}
}

// readOwn reads a table of this package.
func readOwn(name string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		file, err := os.Open(name)
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer file.Close()
		if strings.EqualFold(path.Ext(name), ".csv") {
			readCSV(file, yield)
			return
		}
		for record, err := range rows.ReadParquet[parquetRecord](file) {
			var row Row
			wrong := err
			if err == nil {
				row, wrong = record.row()
			}
			if !yield(row, wrong) || err != nil {
				return
			}
		}
	}
}

// readCSV is the reverse of csvTable.
func readCSV(from io.Reader, yield func(Row, error) bool) {
	reader := csv.NewReader(from)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		yield(Row{}, err)
		return
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	names := columns()[1:]
	for {
		line, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var j jsonRecord
		var row Row
		wrong := err
		if err == nil {
			value := reflect.ValueOf(&j.fields).Elem()
			for i, name := range names {
				if column, ok := at[name]; ok && line[column] != "" && wrong == nil {
					wrong = setCell(value.Field(i), name, line[column])
				}
			}
			if column, ok := at["time"]; ok {
				j.Time = line[column]
			}
			if wrong == nil {
				row, wrong = j.row()
			}
		}
		_, syntax := errors.AsType[*csv.ParseError](err)
		if !yield(row, wrong) || err != nil && !syntax {
			return
		}
	}
}

func setCell(to reflect.Value, name, text string) error {
	if to.Kind() == reflect.String {
		to.SetString(text)
		return nil
	}
	if err := json.Unmarshal([]byte(text), to.Addr().Interface()); err != nil {
		return fmt.Errorf("%s is %q", name, brief(text))
	}
	return nil
}
