package onnx

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// What Export writes. Operator set 17 is the last with axes of ReduceMean as an attribute and is known to every ONNX Runtime
// since 1.12; IR version 8 is the one that came with it.
const (
	irVersion    = 8
	opsetVersion = 17
)

// message appends a nested message.
func message(b []byte, num protowire.Number, inner []byte) []byte {
	b = protowire.AppendTag(b, num, protowire.BytesType)
	return protowire.AppendBytes(b, inner)
}

func text(b []byte, num protowire.Number, s string) []byte {
	b = protowire.AppendTag(b, num, protowire.BytesType)
	return protowire.AppendString(b, s)
}

func number(b []byte, num protowire.Number, v int64) []byte {
	b = protowire.AppendTag(b, num, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(v))
}

// write writes the model. Lengths stand before content in protocol buffers, so everything but the weights is encoded first; the
// weights are then streamed.
func (g *graph) write(w io.Writer, metadataKey, metadata string) error {
	var nodes []byte
	for _, n := range g.nodes {
		nodes = message(nodes, 1, n.encode())
	}
	nodes = text(nodes, 2, "mxnet")
	heads := make([][]byte, len(g.weights))
	length := int64(len(nodes))
	for i, s := range g.weights {
		heads[i] = s.head()
		length += int64(len(heads[i])) + s.bytes()
	}
	ends := message(nil, 11, g.input.encode())
	ends = message(ends, 12, g.output.encode())
	length += int64(len(ends))

	out := bufio.NewWriterSize(w, 64<<10)
	head := number(nil, 1, irVersion)
	head = text(head, 2, "scones")
	head = text(head, 3, ConverterRevision)
	head = protowire.AppendTag(head, 7, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(length))
	out.Write(head) // bufio keeps the first error for Flush
	out.Write(nodes)
	for i, s := range g.weights {
		out.Write(heads[i])
		if err := s.write(out); err != nil {
			return err
		}
	}
	out.Write(ends)
	out.Write(message(nil, 8, number(text(nil, 1, ""), 2, opsetVersion)))
	out.Write(appendProperty(nil, metadataKey, metadata))
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing model: %w", err)
	}
	return nil
}

// head is the TensorProto up to its raw data, tag and length of the whole included.
func (s *stored) head() []byte {
	var b []byte
	for _, d := range s.dims {
		b = number(b, 1, d)
	}
	b = number(b, 2, s.element)
	b = text(b, 8, s.name)
	b = protowire.AppendTag(b, 9, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(s.bytes()))
	head := protowire.AppendTag(nil, 5, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(int64(len(b))+s.bytes()))
	return append(head, b...)
}

// encode gives a NodeProto.
func (n *operation) encode() []byte {
	var b []byte
	for _, in := range n.inputs {
		b = text(b, 1, in)
	}
	b = text(b, 2, n.output)
	b = text(b, 3, n.name)
	b = text(b, 4, n.operator)
	for _, a := range n.attributes {
		b = message(b, 5, a.encode())
	}
	return b
}

// encode gives an AttributeProto; field 20 is its type.
func (a attribute) encode() []byte {
	b := text(nil, 1, a.name)
	switch {
	case a.int != nil:
		return number(number(b, 3, *a.int), 20, 2)
	case a.float != nil:
		b = protowire.AppendTag(b, 2, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(*a.float))
		return number(b, 20, 1)
	case a.ints != nil:
		for _, v := range a.ints {
			b = number(b, 8, v)
		}
		return number(b, 20, 7)
	}
	return number(text(b, 4, a.text), 20, 3)
}

// encode gives a ValueInfoProto. The batch dimension is named N.
func (v *value) encode() []byte {
	var shape []byte
	for _, d := range v.dims {
		if d == batch {
			shape = message(shape, 1, text(nil, 2, "N"))
		} else {
			shape = message(shape, 1, number(nil, 1, d))
		}
	}
	kind := message(number(nil, 1, v.element), 2, shape)
	return message(text(nil, 1, v.name), 2, message(nil, 1, kind))
}
