package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// maxHeader bounds the dictionary; one of 64 axes takes under 2 kB.
const maxHeader = 16 << 10

// The three entries of the dictionary, in whatever order.
var (
	descrEntry   = regexp.MustCompile(`['"]descr['"]\s*:\s*['"]([^'"]*)['"]`)
	fortranEntry = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	shapeEntry   = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([0-9,\s]*)\)`)
)

// Read reads one array whose elements take at most maxBytes. Errors about the content wrap [ErrFormat]; a file that ends early
// also wraps [io.ErrUnexpectedEOF]. Memory grows with the bytes that are really there, not with what the header declares.
func Read(r io.Reader, maxBytes int64) (*Array, error) {
	dict, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	descr, shape, err := parseHeader(dict)
	if err != nil {
		return nil, err
	}
	n, err := elements(shape)
	if err != nil {
		return nil, err
	}
	size := int64(1)
	if descr == descrF32 {
		size = 4
	}
	if n > maxBytes/size {
		return nil, fmt.Errorf("%w: %d elements of %d bytes, at most %d bytes are read", ErrFormat, n, size, maxBytes)
	}
	raw, err := io.ReadAll(io.LimitReader(r, n*size))
	if err != nil {
		return nil, fmt.Errorf("read .npy elements: %w", err)
	}
	if int64(len(raw)) != n*size {
		return nil, fmt.Errorf("%w: %d of %d bytes of elements: %w", ErrFormat, len(raw), n*size, io.ErrUnexpectedEOF)
	}
	if descr == descrU8 {
		return &Array{Shape: shape, U8: raw}, nil
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return &Array{Shape: shape, F32: values}, nil
}

// readHeader returns the dictionary.
func readHeader(r io.Reader) (string, error) {
	start := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, start); err != nil {
		return "", fmt.Errorf("%w: read magic: %w", ErrFormat, err)
	}
	if string(start[:len(magic)]) != magic {
		return "", fmt.Errorf("%w: it begins with %q, not %q", ErrFormat, start[:len(magic)], magic)
	}
	major := start[len(magic)]
	lengthBytes := 4
	switch major {
	case 1:
		lengthBytes = 2
	case 2, 3:
	default:
		return "", fmt.Errorf("%w: version %d, 1 to 3 are read", ErrFormat, major)
	}
	length := make([]byte, 4)
	if _, err := io.ReadFull(r, length[:lengthBytes]); err != nil {
		return "", fmt.Errorf("%w: read header length: %w", ErrFormat, err)
	}
	n := binary.LittleEndian.Uint32(length)
	if n > maxHeader {
		return "", fmt.Errorf("%w: header of %d bytes, at most %d are read", ErrFormat, n, maxHeader)
	}
	dict := make([]byte, n)
	if _, err := io.ReadFull(r, dict); err != nil {
		return "", fmt.Errorf("%w: read header: %w", ErrFormat, err)
	}
	return string(dict), nil
}

// parseHeader takes the dictionary apart.
func parseHeader(dict string) (descr string, shape []int64, err error) {
	found := descrEntry.FindStringSubmatch(dict)
	if found == nil {
		return "", nil, fmt.Errorf("%w: header has no descr", ErrFormat)
	}
	switch found[1] {
	case "<f4":
		descr = descrF32
	case "|u1", "<u1", "u1":
		descr = descrU8
	default:
		return "", nil, fmt.Errorf("%w: element type %q, float32 (<f4) and uint8 (|u1) are read", ErrFormat, found[1])
	}
	if order := fortranEntry.FindStringSubmatch(dict); order == nil || order[1] != "False" {
		return "", nil, fmt.Errorf("%w: fortran_order must be False", ErrFormat)
	}
	sides := shapeEntry.FindStringSubmatch(dict)
	if sides == nil {
		return "", nil, fmt.Errorf("%w: header has no shape", ErrFormat)
	}
	for text := range strings.SplitSeq(sides[1], ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		side, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", nil, fmt.Errorf("%w: shape (%s): %w", ErrFormat, sides[1], err)
		}
		shape = append(shape, side)
	}
	return descr, shape, nil
}
