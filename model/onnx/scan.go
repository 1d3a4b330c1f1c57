package onnx

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// windowBytes is what one read fetches. Weights are stepped over, so a file of any size costs a window an initializer.
const windowBytes = 32 << 10

// structureBytes bounds the memory that names, nodes and metadata of a file may take. A ResNet-152 takes 1 MiB.
const structureBytes = 64 << 20

// ErrFormat is wrapped by every error about bytes that are not an ONNX model; the message says where in the file.
var ErrFormat = errors.New("not a valid ONNX file")

// scanner walks protocol buffer messages without holding them: it reads through a window and skips what nobody asks for.
type scanner struct {
	r      io.ReaderAt
	size   int64
	window []byte // bytes from offset at
	at     int64
	spent  int64 // of structureBytes
}

// field is one field of a message. Varints and fixed numbers are in value; other content lies from start to end in the file.
type field struct {
	num        protowire.Number
	typ        protowire.Type
	value      uint64
	start, end int64
}

func newScanner(r io.ReaderAt, size int64) *scanner {
	return &scanner{r: r, size: size, window: make([]byte, 0, windowBytes)}
}

// fields calls visit for each field of the message that lies from start to end.
func (s *scanner) fields(start, end int64, visit func(field) error) error {
	for pos := start; pos < end; {
		f, next, err := s.field(pos, end)
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		pos = next
	}
	return nil
}

// field reads the field at pos and returns where the next one starts.
func (s *scanner) field(pos, end int64) (f field, next int64, err error) {
	tag, pos, err := s.varint(pos, end)
	if err != nil {
		return f, 0, err
	}
	f.num, f.typ = protowire.DecodeTag(tag)
	if f.num < protowire.MinValidNumber {
		return f, 0, s.malformed(pos, "field number out of range")
	}
	switch f.typ {
	case protowire.VarintType:
		f.value, next, err = s.varint(pos, end)
	case protowire.Fixed32Type:
		f.value, next, err = s.fixed(pos, end, 4)
	case protowire.Fixed64Type:
		f.value, next, err = s.fixed(pos, end, 8)
	case protowire.BytesType:
		var length uint64
		if length, pos, err = s.varint(pos, end); err != nil {
			return f, 0, err
		}
		if length > uint64(end-pos) {
			return f, 0, s.malformed(pos, "field %d is %d bytes long, %d are left", f.num, length, end-pos)
		}
		f.start, f.end = pos, pos+int64(length)
		next = f.end
	default:
		return f, 0, s.malformed(pos, "wire type %d", f.typ)
	}
	return f, next, err
}

func (s *scanner) varint(pos, end int64) (value uint64, next int64, err error) {
	data, err := s.peek(pos, end, 10)
	if err != nil {
		return 0, 0, err
	}
	value, n := protowire.ConsumeVarint(data)
	if n < 0 {
		return 0, 0, s.malformed(pos, "%v", protowire.ParseError(n))
	}
	return value, pos + int64(n), nil
}

func (s *scanner) fixed(pos, end int64, width int) (value uint64, next int64, err error) {
	data, err := s.peek(pos, end, width)
	if err != nil {
		return 0, 0, err
	}
	if len(data) < width {
		return 0, 0, s.malformed(pos, "number cut short")
	}
	for i := range width {
		value |= uint64(data[i]) << (8 * i)
	}
	return value, pos + int64(width), nil
}

// peek returns up to n bytes at pos, fewer only before end.
func (s *scanner) peek(pos, end int64, n int) ([]byte, error) {
	n = int(min(int64(n), end-pos))
	if pos < s.at || pos+int64(n) > s.at+int64(len(s.window)) {
		s.window = s.window[:min(int64(cap(s.window)), s.size-pos)]
		s.at = pos
		if read, err := s.r.ReadAt(s.window, pos); read < len(s.window) {
			s.window = s.window[:0]
			return nil, fmt.Errorf("reading at byte %d: %w", pos, noEOF(err))
		}
	}
	return s.window[pos-s.at:][:n], nil
}

// bytes reads a whole field and takes its length out of the budget.
func (s *scanner) bytes(f field) ([]byte, error) {
	if f.typ != protowire.BytesType {
		return nil, s.malformed(f.start, "field %d has wire type %d, want bytes", f.num, f.typ)
	}
	n := f.end - f.start
	if err := s.spend(n + 16); err != nil {
		return nil, err
	}
	data := make([]byte, n)
	if read, err := s.r.ReadAt(data, f.start); int64(read) < n {
		return nil, fmt.Errorf("reading at byte %d: %w", f.start, noEOF(err))
	}
	return data, nil
}

func (s *scanner) string(f field) (string, error) {
	data, err := s.bytes(f)
	return string(data), err
}

// integers appends a repeated integer field, packed or not. An element beyond limit is not kept.
func (s *scanner) integers(list []int64, f field, limit int) ([]int64, error) {
	add := func(v uint64) error {
		if len(list) < limit {
			list = append(list, int64(v))
			return s.spend(16)
		}
		return nil
	}
	if f.typ == protowire.VarintType {
		err := add(f.value)
		return list, err
	}
	if f.typ != protowire.BytesType {
		return nil, s.malformed(f.start, "field %d has wire type %d, want integers", f.num, f.typ)
	}
	for pos := f.start; pos < f.end && len(list) < limit; {
		v, next, err := s.varint(pos, f.end)
		if err != nil {
			return nil, err
		}
		if err := add(v); err != nil {
			return nil, err
		}
		pos = next
	}
	return list, nil
}

// spend takes n bytes out of the budget for what is kept in memory.
func (s *scanner) spend(n int64) error {
	if s.spent += n; s.spent > structureBytes {
		return fmt.Errorf("%w: names and nodes take more than %d MiB", ErrFormat, structureBytes>>20)
	}
	return nil
}

func (s *scanner) malformed(pos int64, format string, args ...any) error {
	return fmt.Errorf("%w: at byte %d: %s", ErrFormat, pos, fmt.Sprintf(format, args...))
}

func noEOF(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
