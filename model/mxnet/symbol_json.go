package mxnet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// The limits of a symbol, so that what is held stays small next to the JSON. ResNet-152 has 1,280 nodes; an operator has about
// ten attributes and five inputs, a concatenation in DenseNet-264 some sixty.
const (
	maxNodes      = 50_000
	maxInputs     = 4096
	maxAttributes = 256
)

// ParseSymbol reads a symbol file of any MXNet version: attributes under "attr", "attrs" or "param", references of two or three
// numbers. Errors wrap [ErrArtifact] and name the node.
func ParseSymbol(data []byte) (*Symbol, error) {
	r := &symbolReader{dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.UseNumber()
	if err := r.symbol(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the JSON ends early")
		}
		if !errors.Is(err, ErrArtifact) {
			err = fmt.Errorf("%w: near byte %d: %w", ErrArtifact, r.dec.InputOffset(), err)
		}
		return nil, err
	}
	if err := r.s.check(); err != nil {
		return nil, err
	}
	return &r.s, nil
}

// symbolReader goes through the JSON token by token and keeps only what is known, so that foreign content costs nothing.
type symbolReader struct {
	dec *json.Decoder
	s   Symbol
}

func (r *symbolReader) symbol() error {
	return r.object(func(key string) error {
		switch key {
		case "nodes":
			return r.list(func() error {
				if len(r.s.Nodes) == maxNodes {
					return fmt.Errorf("%w: more than %d nodes", ErrArtifact, maxNodes)
				}
				return r.node()
			})
		case "heads":
			return r.list(func() error {
				if len(r.s.Heads) == maxInputs {
					return fmt.Errorf("%w: more than %d heads", ErrArtifact, maxInputs)
				}
				head, err := r.ref()
				r.s.Heads = append(r.s.Heads, head)
				return err
			})
		case "attrs":
			return r.object(func(key string) error {
				if key != "mxnet_version" {
					return r.skip()
				}
				return r.version()
			})
		}
		return r.skip()
	})
}

// node reads one node. Should several attribute keys be there, "attrs" wins over "param" over "attr".
func (r *symbolReader) node() error {
	var n Node
	attributes := map[string]map[string]string{}
	err := r.object(func(key string) (err error) {
		switch key {
		case "op":
			n.Operator, err = r.text()
		case "name":
			n.Name, err = r.text()
		case "attr", "attrs", "param":
			attributes[key], err = r.attributes(n.Name)
		case "inputs":
			err = r.list(func() error {
				if len(n.Inputs) == maxInputs {
					return fmt.Errorf("%w: node %.100q has more than %d inputs", ErrArtifact, n.Name, maxInputs)
				}
				in, err := r.ref()
				n.Inputs = append(n.Inputs, in)
				return err
			})
		default:
			err = r.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if n.Operator == "" {
		return fmt.Errorf("%w: node %d (%.100q) has no operator", ErrArtifact, len(r.s.Nodes), n.Name)
	}
	for _, key := range []string{"attr", "param", "attrs"} {
		for name, value := range attributes[key] {
			if n.attributes == nil {
				n.attributes = attributes[key]
			}
			n.attributes[name] = value
		}
	}
	r.s.Nodes = append(r.s.Nodes, n)
	return nil
}

func (r *symbolReader) attributes(node string) (map[string]string, error) {
	values := map[string]string{}
	err := r.object(func(key string) error {
		if len(values) == maxAttributes {
			return fmt.Errorf("%w: node %.100q has more than %d attributes", ErrArtifact, node, maxAttributes)
		}
		text, err := r.text()
		values[key] = text
		return err
	})
	return values, err
}

// ref reads [node, output] or [node, output, version].
func (r *symbolReader) ref() (ref Ref, err error) {
	var numbers [3]int
	n := 0
	err = r.list(func() error {
		text, err := r.text()
		if err != nil {
			return err
		}
		if n == len(numbers) {
			return errors.New("a reference has more than three numbers")
		}
		if numbers[n], err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("reference: %w", err)
		}
		n++
		return nil
	})
	if err == nil && n < 2 {
		err = errors.New("a reference has fewer than two numbers")
	}
	return Ref{numbers[0], numbers[1]}, err
}

// version reads ["int", 10901].
func (r *symbolReader) version() error {
	return r.list(func() error {
		text, err := r.text()
		if number, wrong := strconv.Atoi(text); wrong == nil && number > 0 && number < 1_000_000 {
			r.s.Version = number
		}
		return err
	})
}
