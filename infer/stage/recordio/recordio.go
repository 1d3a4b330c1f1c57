// Package recordio writes and reads the record files that MXNet trains from, and SageMaker's image classification takes as
// application/x-recordio: the container of dmlc-core's RecordIO, and in each record the header and the picture of MXNet's image records.
//
// A record is, in little-endian words of four bytes:
//
//	0xced7230a   magic
//	flag, size   three bits and 29: flag 0 is a whole record; 1, 2 and 3 are its first, middle and last part
//	data         size bytes, and zeros up to a multiple of four
//
// Where the data holds the magic at a multiple of four it is left out, and the record goes on in a next part; so a reader can find the
// next record from anywhere. The data of an image record is a header of 24 bytes (flag 0, the label as float32, two 64-bit identifiers)
// and the file of the picture.
//
// Sources: dmlc/dmlc-core include/dmlc/recordio.h and src/recordio.cc; apache/mxnet src/io/image_recordio.h, python/mxnet/recordio.py.
package recordio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
)

const (
	magic      = 0xced7230a
	maxSize    = 1<<29 - 1 // of a part
	headerSize = 24
)

// A Record is a picture with its label.
type Record struct {
	// ID is the record's index in its list.
	ID    uint64
	Label float32
	// Picture is the file, JPEG or PNG.
	Picture []byte
}

// A Writer writes records one after the other.
type Writer struct {
	w  io.Writer
	at int64
}

// NewWriter returns a writer to w, which should be buffered.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write writes a record and returns where it begins, which is what an .idx file lists.
func (w *Writer) Write(r Record) (at int64, err error) {
	if len(r.Picture) > maxSize-headerSize {
		return 0, fmt.Errorf("write record %d: the picture has %d bytes, a record holds %d", r.ID, len(r.Picture), maxSize-headerSize)
	}
	data := make([]byte, headerSize, headerSize+len(r.Picture))
	binary.LittleEndian.PutUint32(data[4:], math.Float32bits(r.Label))
	binary.LittleEndian.PutUint64(data[8:], r.ID)
	data = append(data, r.Picture...)
	at = w.at
	begin := 0
	for i := 0; i+4 <= len(data); i += 4 {
		if binary.LittleEndian.Uint32(data[i:]) != magic {
			continue
		}
		flag := uint32(2)
		if begin == 0 {
			flag = 1
		}
		if err := w.part(flag, data[begin:i]); err != nil {
			return 0, err
		}
		begin = i + 4
	}
	flag := uint32(3)
	if begin == 0 {
		flag = 0
	}
	return at, w.part(flag, data[begin:])
}

func (w *Writer) part(flag uint32, data []byte) error {
	head := make([]byte, 8, 8+len(data)+3)
	binary.LittleEndian.PutUint32(head, magic)
	binary.LittleEndian.PutUint32(head[4:], flag<<29|uint32(len(data)))
	all := append(head, data...)
	for len(all)%4 != 0 {
		all = append(all, 0)
	}
	n, err := w.w.Write(all)
	w.at += int64(n)
	return err
}

var errBroken = errors.New("not a RecordIO file, or one that is cut short")

// Read yields the records of a file; one with more than limit bytes is an error. An error is final.
func Read(r io.Reader, limit int) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for {
			data, err := readData(r, limit)
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil && (len(data) < headerSize || binary.LittleEndian.Uint32(data) != 0) {
				err = errors.New("a record has no header of a picture with one label")
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("read records: %w", err))
				return
			}
			record := Record{binary.LittleEndian.Uint64(data[8:]), math.Float32frombits(binary.LittleEndian.Uint32(data[4:])), data[headerSize:]}
			if !yield(record, nil) {
				return
			}
		}
	}
}

// readData reads the parts of one record. It is io.EOF where there is none.
func readData(r io.Reader, limit int) ([]byte, error) {
	var data []byte
	for first := true; ; first = false {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			if first && errors.Is(err, io.EOF) {
				return nil, io.EOF
			}
			return nil, errBroken
		}
		word := binary.LittleEndian.Uint32(head[4:])
		flag, size := word>>29, int(word&maxSize)
		if binary.LittleEndian.Uint32(head[:]) != magic || first != (flag < 2) || flag > 3 {
			return nil, errBroken
		}
		if size > limit-len(data) {
			return nil, fmt.Errorf("a record has more than %d bytes", limit)
		}
		if !first {
			data = binary.LittleEndian.AppendUint32(data, magic)
		}
		begin := len(data)
		data = append(data, make([]byte, (size+3)/4*4)...)
		if _, err := io.ReadFull(r, data[begin:]); err != nil {
			return nil, errBroken
		}
		data = data[:begin+size]
		if flag == 0 || flag == 3 {
			return data, nil
		}
	}
}
