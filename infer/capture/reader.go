package capture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// DefaultMaxRecord bounds a line, in bytes. The endpoint takes 6 MiB and may answer as much; both in Base64 are 16 MiB.
const DefaultMaxRecord = 32 << 20

// A Reader reads the records of one stream.
type Reader struct {
	r      *bufio.Reader
	most   int
	line   int
	buf    []byte
	offset int64 // of the line
	behind int64 // of the one behind it
}

// NewReader reads from r lines of at most maxRecord bytes; zero means [DefaultMaxRecord].
func NewReader(r io.Reader, maxRecord int) *Reader {
	if maxRecord <= 0 {
		maxRecord = DefaultMaxRecord
	}
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), most: maxRecord}
}

// Line is the number of the line that Next read last, from 1.
func (r *Reader) Line() int { return r.line }

// Offset is where that line begins, in bytes from where the stream began.
func (r *Reader) Offset() int64 { return r.offset }

// Next returns the next record, io.EOF behind the last one, or a [*RecordError] for a line that is of no use: Next then goes on with
// the line behind it. Any other error is the stream's and final. Empty lines are passed over.
func (r *Reader) Next() (*Record, error) {
	line, whole, err := r.Raw()
	if err != nil {
		return nil, err
	}
	return ParseLine(line, whole)
}

// Raw is Next without parsing: whole says that the line ended in a line feed, and not with the stream. The bytes are valid until the next
// call.
func (r *Reader) Raw() (line []byte, whole bool, err error) {
	for {
		line, whole, err := r.next()
		if err != nil {
			return nil, false, err
		}
		if r.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(line)) > 0 {
			return line, whole, nil
		}
	}
}

// ParseLine is [Parse] for a line of [Reader.Raw]: one that the stream's end may have cut is called so.
func ParseLine(line []byte, whole bool) (*Record, error) {
	record, err := Parse(line)
	if bad, ok := errors.AsType[*RecordError](err); ok && !whole && bad.Code == CodeSyntax {
		err = refuse(CodeTruncated, "the file ends within the record: %w", bad.Err)
	}
	return record, err
}

// next reads a line; whole says that it ended in a line feed.
func (r *Reader) next() (line []byte, whole bool, err error) {
	r.line++
	r.offset, r.buf = r.behind, r.buf[:0]
	tooLong := false
	for {
		part, err := r.r.ReadSlice('\n')
		r.behind += int64(len(part))
		if len(r.buf)+len(part) > r.most {
			tooLong, r.buf = true, r.buf[:0]
		}
		if !tooLong {
			r.buf = append(r.buf, part...)
		}
		switch {
		case err == nil && !tooLong:
			return r.buf, true, nil
		case errors.Is(err, io.EOF) && len(r.buf) > 0:
			return r.buf, false, nil
		case errors.Is(err, io.EOF) && !tooLong:
			return nil, false, io.EOF
		case err == nil, errors.Is(err, io.EOF):
			return nil, false, refuse(CodeTooLarge, "the line has more than %d bytes, the limit", r.most)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, fmt.Errorf("read line %d: %w", r.line, err)
		}
	}
}
