package result

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
)

// ErrRow is wrapped by errors about a row that no results file holds; the message names the file and the row.
var ErrRow = errors.New("bad row")

// Read yields the rows of a results file, in order, whatever of the optional fields it has; columns of other names are passed over. The
// format is the one that the extension stands for. An error in the second value is final. One row is in memory at a time.
func Read(name string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		format, err := FormatOf(name)
		if err != nil {
			yield(Row{}, err)
			return
		}
		file, err := os.Open(name)
		if err != nil {
			yield(Row{}, fmt.Errorf("read rows: %w", err))
			return
		}
		defer file.Close()
		var rows iter.Seq2[Row, error]
		switch format {
		case CSV:
			rows = readCSV(file)
		case JSONL:
			rows = readJSONL(file)
		case Parquet:
			rows = readParquet(file)
		default:
			rows = func(yield func(Row, error) bool) {
				yield(Row{}, errors.New("a table is for looking at, and is not read back"))
			}
		}
		number := 0
		for row, err := range rows {
			number++
			if err == nil {
				err = row.check()
			}
			if err != nil {
				yield(Row{}, fmt.Errorf("read row %d of %q: %w", number, name, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// check refuses what [New] does not make.
func (r *Row) check() error {
	switch {
	case r.Path == "":
		return fmt.Errorf("%w: it has no path", ErrRow)
	case r.Error != "":
		return nil
	case r.Index < 0:
		return fmt.Errorf("%w: index %d, want 0 or more", ErrRow, r.Index)
	case !(r.Score >= 0 && r.Score <= 1):
		return fmt.Errorf("%w: score %v, want 0 to 1", ErrRow, r.Score)
	}
	for _, c := range r.TopK {
		if c.Index < 0 || !(c.Score >= 0 && c.Score <= 1) {
			return fmt.Errorf("%w: top_k has class %d with score %v", ErrRow, c.Index, c.Score)
		}
	}
	return nil
}

func readCSV(r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		reader := csv.NewReader(&limitedLines{r: bufio.NewReader(r)})
		reader.ReuseRecord = true
		header, err := reader.Read()
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: the file is empty, the header is missing", ErrRow)
		}
		if err != nil {
			yield(Row{}, err)
			return
		}
		columns := map[string]int{}
		for i, name := range header {
			columns[name] = i
		}
		for _, needed := range []string{"path", "label", "index", "score"} {
			if _, ok := columns[needed]; !ok {
				yield(Row{}, fmt.Errorf("%w: the header has no column %q, which scones classify writes", ErrRow, needed))
				return
			}
		}
		for {
			record, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var row Row
			if err == nil {
				row, err = parseRecord(record, columns)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// parseRecord is the reverse of csvWriter.Write.
func parseRecord(record []string, columns map[string]int) (row Row, err error) {
	field := func(name string) string {
		if i, ok := columns[name]; ok {
			return record[i]
		}
		return ""
	}
	number := func(name string, parse func(text string) error) {
		if text := field(name); err == nil && text != "" {
			if e := parse(text); e != nil {
				err = fmt.Errorf("%w: %s is %q", ErrRow, name, text)
			}
		}
	}
	row = Row{Path: field("path"), Label: field("label"), Index: -1, Error: field("error"), ErrorText: field("error_text")}
	integer := func(to *int) func(string) error {
		return func(text string) (err error) { *to, err = strconv.Atoi(text); return err }
	}
	number("index", integer(&row.Index))
	number("width", integer(&row.Width))
	number("height", integer(&row.Height))
	number("score", func(text string) error {
		v, err := strconv.ParseFloat(text, 32)
		row.Score = float32(v)
		return err
	})
	number("confident", func(text string) error {
		v, err := strconv.ParseBool(text)
		row.Confident = &v
		return err
	})
	number("top_k", func(text string) error { return json.Unmarshal([]byte(text), &row.TopK) })
	if err == nil && row.Error == "" && field("score") == "" {
		err = fmt.Errorf("%w: it has neither a score nor an error", ErrRow)
	}
	row.TopK = slices.Clip(row.TopK)
	return row, err
}

func readJSONL(r io.Reader) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxRow)
		for lines.Scan() {
			if len(lines.Bytes()) == 0 {
				continue
			}
			row, err := ParseJSON(lines.Bytes())
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Row{}, err)
		}
	}
}

// ParseJSON reads one row of JSON lines. Errors wrap [ErrRow].
func ParseJSON(line []byte) (Row, error) {
	row := Row{Index: -1}
	if err := json.Unmarshal(line, &row); err != nil {
		return row, fmt.Errorf("%w: %w", ErrRow, err)
	}
	return row, row.check()
}

// limitedLines refuses a line beyond maxRow, which the csv package would read whole.
type limitedLines struct {
	r   *bufio.Reader
	run int
}

func (l *limitedLines) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for _, b := range p[:n] {
		l.run++
		if b == '\n' {
			l.run = 0
		}
	}
	if l.run > maxRow {
		return 0, fmt.Errorf("%w: a line has more than %d bytes", ErrRow, maxRow)
	}
	return n, err
}
