package onnx

import (
	"fmt"
	"math"
	"strings"
)

// parser fills a File from the messages of onnx.proto. The numbers in its switches are that file's field numbers.
type parser struct {
	*scanner
	file     *File
	elements int64 // of all tensors together
}

// property is one metadata entry and the extent of its whole field in the file.
type property struct {
	key        string
	start, end int64
}

// model reads a ModelProto.
func (p *parser) model() error {
	if p.size == 0 {
		return fmt.Errorf("%w: empty", ErrFormat)
	}
	var producer, version string
	graphs := 0
	for pos := int64(0); pos < p.size; {
		f, next, err := p.field(pos, p.size)
		if err != nil {
			return err
		}
		switch f.num {
		case 1:
			p.file.IRVersion = int64(f.value)
		case 2:
			producer, err = p.string(f)
		case 3:
			version, err = p.string(f)
		case 7:
			graphs++
			err = p.graph(f)
		case 8:
			err = p.opset(f)
		case 14:
			err = p.property(f, pos, next)
		}
		if err != nil {
			return err
		}
		pos = next
	}
	p.file.Producer = strings.TrimSpace(producer + " " + version)
	if graphs != 1 {
		return fmt.Errorf("%w: %d graphs, want 1", ErrFormat, graphs)
	}
	p.dropStoredInputs()
	return nil
}

// dropStoredInputs leaves out the inputs that have an initializer: files of IR version 3 list every weight as an input.
func (p *parser) dropStoredInputs() {
	stored := make(map[string]bool, len(p.file.Weights))
	for i := range p.file.Weights {
		stored[p.file.Weights[i].Name] = true
	}
	kept := p.file.Inputs[:0]
	for _, v := range p.file.Inputs {
		if !stored[v.Name] {
			kept = append(kept, v)
		}
	}
	p.file.Inputs = kept
}

// opset reads an OperatorSetIdProto.
func (p *parser) opset(f field) error {
	var o Opset
	err := p.fields(f.start, f.end, func(f field) (err error) {
		switch f.num {
		case 1:
			o.Domain, err = p.string(f)
		case 2:
			o.Version = int64(f.value)
		}
		return err
	})
	p.file.Opsets = append(p.file.Opsets, o)
	if err != nil {
		return err
	}
	return p.spend(64)
}

// property reads a StringStringEntryProto of metadata_props; its field lies from start to end.
func (p *parser) property(f field, start, end int64) error {
	key, value, err := p.entry(f)
	if err != nil {
		return err
	}
	if _, twice := p.file.Metadata[key]; twice {
		return p.malformed(start, "metadata key %.100q occurs twice", key)
	}
	p.file.Metadata[key] = value
	p.file.properties = append(p.file.properties, property{key, start, end})
	return p.spend(128)
}

func (p *parser) entry(f field) (key, value string, err error) {
	err = p.fields(f.start, f.end, func(f field) (err error) {
		switch f.num {
		case 1:
			key, err = p.string(f)
		case 2:
			value, err = p.string(f)
		}
		return err
	})
	return key, value, err
}

// graph reads a GraphProto.
func (p *parser) graph(f field) error {
	return p.fields(f.start, f.end, func(f field) (err error) {
		switch f.num {
		case 1:
			return p.node(f)
		case 2:
			p.file.GraphName, err = p.string(f)
		case 5:
			var t *Initializer
			if t, err = p.tensor(f); err == nil {
				p.file.Weights = append(p.file.Weights, *t)
			}
		case 11:
			p.file.Inputs, err = p.value(p.file.Inputs, f)
		case 12:
			p.file.Outputs, err = p.value(p.file.Outputs, f)
		case 13:
			p.file.inner, err = p.value(p.file.inner, f)
		}
		return err
	})
}

// node reads a NodeProto.
func (p *parser) node(f field) error {
	var n Node
	err := p.fields(f.start, f.end, func(f field) (err error) {
		var name string
		switch f.num {
		case 1:
			name, err = p.string(f)
			n.Inputs = append(n.Inputs, name)
		case 2:
			name, err = p.string(f)
			n.Outputs = append(n.Outputs, name)
		case 3:
			n.Name, err = p.string(f)
		case 4:
			n.Operator, err = p.string(f)
		case 5:
			var a Attribute
			a, err = p.attribute(f)
			n.Attributes = append(n.Attributes, a)
		case 7:
			n.Domain, err = p.string(f)
		}
		return err
	})
	if err != nil {
		return err
	}
	p.file.Nodes = append(p.file.Nodes, n)
	return p.spend(256)
}

// attribute reads an AttributeProto.
func (p *parser) attribute(f field) (a Attribute, err error) {
	err = p.fields(f.start, f.end, func(f field) (err error) {
		switch f.num {
		case 1:
			a.Name, err = p.string(f)
		case 2:
			a.Float = math.Float32frombits(uint32(f.value))
		case 3:
			a.Int = int64(f.value)
		case 4:
			if f.end-f.start <= maxAttributeString {
				a.String, err = p.string(f)
			}
		case 5:
			a.Tensor, err = p.tensor(f)
		case 6, 11:
			a.Graph = true
		case 8:
			a.Ints, err = p.integers(a.Ints, f, maxInts)
		}
		return err
	})
	if err != nil {
		return a, err
	}
	return a, p.spend(256)
}

// maxAttributeString bounds the attribute strings that are kept; the ones that matter for shapes are as short as "SAME_UPPER".
const maxAttributeString = 1 << 10
