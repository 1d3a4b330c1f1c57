package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
)

const (
	// maxRank bounds the number of dimensions of a tensor.
	maxRank = 32
	// maxInts bounds the integer lists that are kept: shapes, axes, pads.
	maxInts = 1 << 10
	// maxElements bounds the elements of all tensors together, so that sums do not overflow.
	maxElements = math.MaxInt64 / 256
)

// value reads a ValueInfoProto and appends it.
func (p *parser) value(list []Value, f field) ([]Value, error) {
	v := Value{Element: "undefined"}
	err := p.fields(f.start, f.end, func(f field) (err error) {
		switch f.num {
		case 1:
			v.Name, err = p.string(f)
		case 2:
			err = p.kind(&v, f)
		}
		return err
	})
	if err != nil {
		return list, err
	}
	return append(list, v), p.spend(128)
}

// kind reads a TypeProto.
func (p *parser) kind(v *Value, f field) error {
	return p.fields(f.start, f.end, func(f field) error {
		switch f.num {
		case 1, 8: // tensor_type, sparse_tensor_type: the same fields
			return p.tensorType(v, f)
		case 4:
			v.Element = "sequence"
		case 5:
			v.Element = "map"
		case 9:
			v.Element = "optional"
		}
		return nil
	})
}

func (p *parser) tensorType(v *Value, f field) error {
	return p.fields(f.start, f.end, func(f field) error {
		switch f.num {
		case 1:
			v.Element = elementName(int64(f.value))
		case 2: // TensorShapeProto
			v.Shape = []Dim{}
			return p.fields(f.start, f.end, func(f field) error {
				if f.num != 1 {
					return nil
				}
				d, err := p.dimension(f)
				if err != nil {
					return err
				}
				if len(v.Shape) == maxRank {
					return p.malformed(f.start, "value %.100q has more than %d dimensions", v.Name, maxRank)
				}
				v.Shape = append(v.Shape, d)
				return nil
			})
		}
		return nil
	})
}

func (p *parser) dimension(f field) (d Dim, err error) {
	err = p.fields(f.start, f.end, func(f field) (err error) {
		switch f.num {
		case 1:
			d.Value = max(0, int64(f.value)) // some producers write -1 for an open size
		case 2:
			d.Name, err = p.string(f)
		}
		return err
	})
	if err != nil {
		return d, err
	}
	return d, p.spend(32)
}

// tensor reads a TensorProto and leaves its values where they are, short integer lists aside.
func (p *parser) tensor(f field) (*Initializer, error) {
	t := &Initializer{Element: "undefined", Offset: -1}
	var raw field
	external := map[string]string{}
	outside := false
	err := p.fields(f.start, f.end, func(f field) (err error) {
		switch f.num {
		case 1:
			t.Dims, err = p.integers(t.Dims, f, maxRank+1)
		case 2:
			t.Element = elementName(int64(f.value))
		case 5, 7: // int32_data, int64_data
			t.ints, err = p.integers(t.ints, f, maxInts+1)
		case 8:
			t.Name, err = p.string(f)
		case 9:
			raw, t.Offset, t.Bytes = f, f.start, f.end-f.start
		case 13:
			var key, value string
			key, value, err = p.entry(f)
			if len(external) < 16 {
				external[key] = value
			}
		case 14:
			outside = f.value == 1
		}
		return err
	})
	if err == nil {
		err = p.checkDims(t, f)
	}
	if err == nil && outside {
		t.External, err = externalData(t.Name, external)
	}
	if err == nil && raw.num != 0 && t.Element == "int64" && t.Bytes%8 == 0 && t.Bytes <= 8*maxInts {
		err = p.rawInts(t, raw)
	}
	if err != nil {
		return nil, err
	}
	if len(t.ints) > maxInts || !strings.HasPrefix(t.Element, "int") {
		t.ints = nil
	}
	return t, p.spend(256)
}

func (p *parser) checkDims(t *Initializer, f field) error {
	if len(t.Dims) > maxRank {
		return p.malformed(f.start, "tensor %.100q has more than %d dimensions", t.Name, maxRank)
	}
	n := int64(1)
	for _, d := range t.Dims {
		if d < 0 || d > 0 && n > maxElements/d {
			return p.malformed(f.start, "tensor %.100q has the impossible shape %v", t.Name, t.Dims)
		}
		n *= d
	}
	if p.elements += n; p.elements > maxElements {
		return p.malformed(f.start, "tensor %.100q: too many elements in all", t.Name)
	}
	return nil
}

func (p *parser) rawInts(t *Initializer, raw field) error {
	data, err := p.bytes(raw)
	if err != nil {
		return err
	}
	t.ints = make([]int64, 0, len(data)/8)
	for ; len(data) >= 8; data = data[8:] {
		t.ints = append(t.ints, int64(binary.LittleEndian.Uint64(data)))
	}
	return nil
}

// externalData understands the entries of TensorProto.external_data. The location must stay below the model's folder.
func externalData(tensor string, entries map[string]string) (*External, error) {
	x := &External{Location: entries["location"]}
	slashed := strings.ReplaceAll(x.Location, `\`, "/")
	if x.Location == "" || path.IsAbs(slashed) || strings.Contains(slashed, ":") || strings.ContainsRune(slashed, 0) {
		return nil, fmt.Errorf("%w: tensor %.100q: external data at %.200q, want a path below the model's folder", ErrFormat, tensor, x.Location)
	}
	for part := range strings.SplitSeq(slashed, "/") {
		if part == ".." {
			return nil, fmt.Errorf("%w: tensor %.100q: external data at %.200q lies outside the model's folder", ErrFormat, tensor, x.Location)
		}
	}
	for key, to := range map[string]*int64{"offset": &x.Offset, "length": &x.Bytes} {
		text, given := entries[key]
		if !given {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%w: tensor %.100q: external data with %s %.100q", ErrFormat, tensor, key, text)
		}
		*to = n
	}
	return x, nil
}
