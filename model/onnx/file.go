// Package onnx reads and writes ONNX files without a protocol buffer compiler, and turns a SageMaker artifact into one.
//
// [Open] says what is in a file: inputs, outputs, metadata, operators, parameters. It steps over the weights, so a file of any
// size is understood in a few reads. [File.Manifest] is the contract that a file carries, [Rewrite] copies a file with other
// metadata, [Export] converts what package mxnet has read.
//
// The wire format and the field numbers are those of onnx.proto, IR version 3 to 13.
package onnx

import (
	"fmt"
	"io"
	"os"
)

// File is the structure of an ONNX file. Weights are not held.
type File struct {
	Size       int64             // bytes
	IRVersion  int64             // of the file format
	Opsets     []Opset           // operator sets that the graph uses
	Producer   string            // name and version of the program that wrote the file
	GraphName  string            // of the main graph
	Inputs     []Value           // that a caller must give; initializers are left out
	Outputs    []Value           // of the graph
	Metadata   map[string]string // metadata_props
	Nodes      []Node            // of the main graph, in the file's order
	Weights    []Initializer     // of the main graph, in the file's order
	inner      []Value           // value_info: shapes that the producer wrote down
	properties []property        // where the metadata lies, for Rewrite
}

// Opset is an operator set and its version. The domain of ONNX itself is "".
type Opset struct {
	Domain  string `json:"domain,omitempty"`
	Version int64  `json:"version"`
}

// Value is an input or an output of the graph.
type Value struct {
	Name    string `json:"name"`
	Element string `json:"element"`         // such as "float32", "uint8"; "sequence", "map" and "optional" for what is no tensor
	Shape   []Dim  `json:"shape,omitempty"` // nil when the file does not say
}

// Dim is one dimension: a size, or the name of a size that is known only when the model runs.
type Dim struct {
	Name  string `json:"name,omitempty"`
	Value int64  `json:"value,omitempty"` // 0 when the size is open
}

// String gives the size, the name of an open size, or "?".
func (d Dim) String() string {
	switch {
	case d.Value > 0:
		return fmt.Sprint(d.Value)
	case d.Name != "":
		return d.Name
	}
	return "?"
}

// Node is one operator of the graph.
type Node struct {
	Operator   string // such as "Conv"
	Domain     string // "" for ONNX's own operators
	Name       string
	Inputs     []string // an optional input that is absent is ""
	Outputs    []string
	Attributes []Attribute
}

// Attribute is a named constant of a node. Lists of floats and of strings are not kept, the structure does not depend on them.
type Attribute struct {
	Name   string
	Float  float32
	Int    int64
	Ints   []int64
	String string
	Tensor *Initializer
	Graph  bool // holds a graph, which is not looked into
}

// Initializer is a stored tensor, a weight or a constant.
type Initializer struct {
	Name     string
	Element  string
	Dims     []int64
	Offset   int64     // of the raw bytes in the file; -1 when they are elsewhere
	Bytes    int64     // length of the raw bytes
	External *External // where the bytes are when another file holds them
	ints     []int64   // the values of a short integer tensor
}

// Elements is the product of the dimensions. [Read] refuses products that overflow.
func (t *Initializer) Elements() int64 {
	n := int64(1)
	for _, d := range t.Dims {
		n *= d
	}
	return n
}

// External says where a tensor lies that is stored beside the ONNX file.
type External struct {
	Location string // slash-separated path below the ONNX file's folder
	Offset   int64
	Bytes    int64 // 0 means to the end
}

// Open reads the structure of the ONNX file at path. Errors about the content wrap [ErrFormat].
func Open(path string) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening model: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening model %q: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("opening model %q: %w: not a regular file", path, ErrFormat)
	}
	f, err := Read(in, info.Size())
	if err != nil {
		return nil, fmt.Errorf("opening model %q: %w", path, err)
	}
	return f, nil
}

// Read reads the structure of an ONNX model of size bytes. It holds names and nodes, at most 64 MiB of them, and no weights.
// Errors about the content wrap [ErrFormat].
func Read(r io.ReaderAt, size int64) (*File, error) {
	p := &parser{scanner: newScanner(r, size), file: &File{Size: size, Metadata: map[string]string{}}}
	if err := p.model(); err != nil {
		return nil, err
	}
	return p.file, nil
}

// Operators counts the nodes by operator; other domains' operators are "domain.Operator".
func (f *File) Operators() map[string]int {
	counts := map[string]int{}
	for i := range f.Nodes {
		counts[f.Nodes[i].kind()]++
	}
	return counts
}

// kind is the operator with its domain when that is not ONNX's own.
func (n *Node) kind() string {
	if n.Domain == "" || n.Domain == "ai.onnx" {
		return n.Operator
	}
	return n.Domain + "." + n.Operator
}

// Parameters counts the stored numbers: elements of all initializers and constants but int64, bool and string ones, which
// describe shapes. Counts that overflow were refused by [Read].
func (f *File) Parameters() int64 {
	var n int64
	count := func(t *Initializer) {
		if t.Element != "int64" && t.Element != "bool" && t.Element != "string" {
			n += t.Elements()
		}
	}
	for i := range f.Weights {
		count(&f.Weights[i])
	}
	for i := range f.Nodes {
		for _, a := range f.Nodes[i].Attributes {
			if a.Tensor != nil {
				count(a.Tensor)
			}
		}
	}
	return n
}
