package mxnet

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The layout is that of MXNet's NDArray lists (apache/mxnet, src/ndarray/ndarray.cc, NDArray::Load and NDArray::Save); every
// number is little-endian.
const (
	listMagic = 0x112
	magicV1   = 0xF993FAC8
	magicV2   = 0xF993FAC9
	magicV3   = 0xF993FACA

	maxArrays    = 65_536
	maxRank      = 32
	maxDim       = 1 << 40
	maxNameBytes = 4 << 20 // of all names together
)

// paramsReader reads numbers at a moving offset. After an error it returns zeros and keeps the error.
type paramsReader struct {
	r         io.ReaderAt
	pos, size int64
	err       error
}

// ReadParams lists the arrays of a .params file of size bytes and leaves their values where they are. Names are as stored, with
// "arg:" and "aux:", or empty in a file without names. Errors about the content wrap [ErrArtifact].
func ReadParams(r io.ReaderAt, size int64) ([]Array, error) {
	p := &paramsReader{r: r, size: size}
	if magic := p.u64(); magic != listMagic {
		return nil, p.fault("starts with %#x, not with MXNet's mark %#x", magic, listMagic)
	}
	p.u64() // reserved
	count := p.u64()
	if count > maxArrays || count > uint64(size) {
		return nil, p.fault("claims %d arrays, at most %d are read", count, maxArrays)
	}
	var arrays []Array
	for i := range int(count) {
		a, err := p.array()
		if err != nil {
			return nil, fmt.Errorf("array %d of %d: %w", i, count, err)
		}
		arrays = append(arrays, a)
	}
	if err := p.names(arrays); err != nil {
		return nil, err
	}
	if p.pos != size {
		return nil, p.fault("%d bytes are left over", size-p.pos)
	}
	return arrays, nil
}

// names reads the list of names, which is empty or as long as the list of arrays.
func (p *paramsReader) names(arrays []Array) error {
	count := p.u64()
	if p.err != nil {
		return p.err
	}
	if count != 0 && count != uint64(len(arrays)) {
		return p.fault("%d names for %d arrays", count, len(arrays))
	}
	total := uint64(0)
	for i := range int(count) {
		n := p.u64()
		if total += n; n > maxNameBytes || total > maxNameBytes {
			return p.fault("the name of array %d is too long", i)
		}
		arrays[i].Name = string(p.bytes(int64(n)))
		if p.err != nil {
			return p.err
		}
	}
	return nil
}

// array reads one header and steps over the values.
func (p *paramsReader) array() (a Array, err error) {
	a.source = p.r
	switch magic := p.u32(); magic {
	case magicV1:
		a.Version = 1
		a.Dims, err = p.dims(int32(p.u32()), true)
	case magicV2, magicV3:
		a.Version = int(magic - magicV1 + 1)
		if storage := int32(p.u32()); storage != 0 && p.err == nil {
			return a, p.fault("sparse storage (type %d), only dense arrays are read", storage)
		}
		a.Dims, err = p.dims(int32(p.u32()), true)
	default: // the number of dimensions itself
		a.Dims, err = p.dims(int32(magic), false)
	}
	if err != nil {
		return a, err
	}
	if a.Dims == nil && a.Version < 3 { // an array that was never filled: nothing follows
		a.Dims = []int64{0}
		return a, p.err
	}
	p.u64() // device that the array was on
	a.Type = Type(p.u32())
	if p.err != nil {
		return a, p.err
	}
	width := a.Type.width()
	if width == 0 {
		return a, p.fault("element type %d is not known", a.Type)
	}
	n := int64(1)
	for _, d := range a.Dims {
		if d > 0 && n > p.size/d {
			return a, p.fault("shape %v needs more than the %d bytes of the file", a.Dims, p.size)
		}
		n *= d
	}
	if n > (p.size-p.pos)/width {
		return a, p.fault("shape %v of %v needs %d bytes, %d are left", a.Dims, a.Type, n*width, p.size-p.pos)
	}
	a.offset = p.pos
	p.pos += n * width
	return a, nil
}

// dims reads a shape; nil means that the array has none, or that it is a scalar in version 3.
func (p *paramsReader) dims(rank int32, wide bool) ([]int64, error) {
	if p.err != nil {
		return nil, p.err
	}
	if rank < 0 || rank > maxRank {
		return nil, p.fault("%d dimensions, at most %d are read", rank, maxRank)
	}
	var dims []int64
	for range rank {
		d := uint64(0)
		if wide {
			d = p.u64()
		} else {
			d = uint64(p.u32())
		}
		if d > maxDim {
			return nil, p.fault("a dimension of %d", int64(d))
		}
		dims = append(dims, int64(d))
	}
	return dims, p.err
}

func (p *paramsReader) u32() uint32 {
	if data := p.bytes(4); data != nil {
		return binary.LittleEndian.Uint32(data)
	}
	return 0
}

func (p *paramsReader) u64() uint64 {
	if data := p.bytes(8); data != nil {
		return binary.LittleEndian.Uint64(data)
	}
	return 0
}

func (p *paramsReader) bytes(n int64) []byte {
	if p.err != nil {
		return nil
	}
	if n > p.size-p.pos {
		p.err = p.fault("the file ends early")
		return nil
	}
	data := make([]byte, n)
	if read, err := p.r.ReadAt(data, p.pos); int64(read) < n {
		p.err = fmt.Errorf("reading at byte %d: %w", p.pos, err)
		return nil
	}
	p.pos += n
	return data
}

// fault describes broken content, unless reading failed before.
func (p *paramsReader) fault(format string, args ...any) error {
	if p.err != nil {
		return p.err
	}
	return fmt.Errorf("%w: at byte %d: %s", ErrArtifact, p.pos, fmt.Sprintf(format, args...))
}
