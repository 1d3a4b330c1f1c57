package result

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// maxRow bounds one JSON row, in bytes: about 100,000 classes in top_k.
const maxRow = 16 << 20

// A written row is what a resumed run needs to know of a row that is there already.
type written struct {
	path   string
	failed bool
	end    int64 // offset of the byte behind the row
}

// scan yields the whole rows at the start of a results file. It ends before the first row that is cut short or cannot be read,
// because a process that is killed leaves a prefix of what it wrote. The header counts as no row; headerEnd is where it ends, and
// zero when it is not whole.
func scan(f Format, r io.Reader, columns Columns) (headerEnd int64, rows iter.Seq[written], err error) {
	if f == JSONL {
		return 0, scanJSONL(r), nil
	}
	tail := &lastByte{r: r}
	reader := csv.NewReader(tail)
	reader.ReuseRecord = true
	want := csvHeader(columns)
	got, err := reader.Read()
	if errors.Is(err, io.EOF) || err == nil && tail.cut(reader.InputOffset()) {
		return 0, func(func(written) bool) {}, nil
	}
	if err != nil || !slices.Equal(got, want) {
		return 0, nil, fmt.Errorf("%w: the first line is not the header %q", ErrDiffers, strings.Join(want, ","))
	}
	failed := slices.Index(want, "error")
	return reader.InputOffset(), func(yield func(written) bool) {
		for {
			record, err := reader.Read()
			if err != nil || tail.cut(reader.InputOffset()) {
				return
			}
			if !yield(written{record[0], record[failed] != "", reader.InputOffset()}) {
				return
			}
		}
	}, nil
}

// lastByte remembers whether all of a stream was read and its last byte, to tell a row that lacks its line feed.
type lastByte struct {
	r    io.Reader
	size int64
	last byte
	end  bool
}

func (l *lastByte) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if n > 0 {
		l.size, l.last = l.size+int64(n), p[n-1]
	}
	l.end = l.end || err != nil
	return n, err
}

// cut tells whether a row that ends at offset ends the file without a line feed.
func (l *lastByte) cut(offset int64) bool { return l.end && offset >= l.size && l.last != '\n' }

func scanJSONL(r io.Reader) iter.Seq[written] {
	return func(yield func(written) bool) {
		scanner := bufio.NewScanner(r)
		scanner.Buffer(nil, maxRow)
		scanner.Split(wholeLines)
		var end int64
		for scanner.Scan() {
			var row struct{ Path, Error string }
			if json.Unmarshal(scanner.Bytes(), &row) != nil {
				return
			}
			end += int64(len(scanner.Bytes())) + 1
			if !yield(written{row.Path, row.Error != "", end}) {
				return
			}
		}
	}
}

// wholeLines splits on line feeds and drops what follows the last one.
func wholeLines(data []byte, _ bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}

// samePath compares a picture's name with what a file made of it: JSON replaces bytes that are not UTF-8, CSV readers turn
// carriage return and line feed into a line feed.
func samePath(f Format, name, row string) bool {
	if name == row {
		return true
	}
	if f == CSV {
		return strings.ReplaceAll(name, "\r\n", "\n") == row
	}
	text, _ := json.Marshal(name)
	var back string
	return json.Unmarshal(text, &back) == nil && back == row
}
