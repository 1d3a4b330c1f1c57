package monitor

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// merge writes two runs as one behind all others. The space of both is not used again: the file has at most the ids' number times the
// depth of merging, which is its logarithm.
func (s *seen) merge(a, b run) (run, error) {
	merged := run{s.end, a.count + b.count}
	from := [2]*bufio.Reader{s.reader(a), s.reader(b)}
	to := bufio.NewWriterSize(io.NewOffsetWriter(s.file, s.end), 64<<10)
	var heads [2]fingerprint
	var live [2]bool
	next := func(i int) error {
		_, err := io.ReadFull(from[i], heads[i][:])
		live[i] = err == nil
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	for i := range from {
		if err := next(i); err != nil {
			return merged, err
		}
	}
	for live[0] || live[1] {
		i := 0
		if !live[0] || live[1] && bytes.Compare(heads[1][:], heads[0][:]) < 0 {
			i = 1
		}
		if _, err := to.Write(heads[i][:]); err != nil {
			return merged, err
		}
		if err := next(i); err != nil {
			return merged, err
		}
	}
	s.end += merged.count * size
	return merged, to.Flush()
}

func (s *seen) reader(r run) *bufio.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(s.file, r.at, r.count*size), 64<<10)
}
