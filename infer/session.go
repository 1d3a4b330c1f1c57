package infer

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/scones-unlimited/scones/infer/graphcache"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

// ErrClosed is returned for a session that was closed.
var ErrClosed = errors.New("session is closed")

// ErrModel is wrapped when a model file does not do what its manifest says, or cannot be loaded.
var ErrModel = errors.New("model cannot be used")

// A ModelFile is an ONNX file on disk or in memory; Data is used when it is not nil. A model whose weights lie in files beside it
// must be given by its path.
type ModelFile struct {
	Path string
	Data []byte
	// SHA256 of the file, in lower-case hexadecimal, as package source gives it. Optimised graphs are kept by it; without one none is.
	SHA256 string
}

// String names the file in messages.
func (f ModelFile) String() string {
	if f.Data != nil {
		return "model in memory"
	}
	return f.Path
}

// SessionOptions choose the library and the device. The zero value finds the library and computes on one core of the processor.
type SessionOptions struct {
	// Library to load, as [ort.Find] or [ort.Ensure] returned it; the zero value means [ort.Find]'s. One process loads one library: a
	// second session must not name another.
	Library ort.Library
	// Device to compute on; empty means [CPU].
	Device Device
	// Threads that one call of Scores may use inside ONNX Runtime; zero means 1. The models here are small, so that calls side by side
	// use more cores better than threads inside a call, and 1 is what [Classifier.Batch] wants. Lone pictures of large models are
	// answered sooner with more.
	Threads int
	// Graphs keeps optimised graphs from one start to the next; nil keeps none. Only graphs for the processor are kept, of models in one
	// file, no larger than the cache allows. A cache that cannot be read or written costs time, never an answer.
	Graphs *graphcache.Cache
}

// A Graph says what the cache of optimised graphs did for a session.
type Graph string

// What it did; empty for nothing.
const (
	GraphKept Graph = "kept" // by an earlier start, and used
	GraphMade Graph = "made" // at this start, to be used at the next
)

// Info tells what a session runs on.
type Info struct {
	// Library that was loaded; its Version is what the library itself reports.
	Library ort.Library `json:"library"`
	// Device that is used, never [Auto].
	Device Device `json:"device"`
	// Providers are ONNX Runtime's names of what may compute, in the order of preference.
	Providers []string `json:"providers"`
	// Threads inside one call.
	Threads int `json:"threads"`
	// Graph tells whether the optimised graph was there.
	Graph Graph `json:"graph,omitempty"`
	// Fallback tells why [Auto] did not take a better device; empty when there was no need to.
	Fallback string `json:"fallback,omitempty"`
	// TelemetryOff is true when the library was told to send nothing before it started.
	TelemetryOff bool `json:"telemetry_off"`
}

// ports are the one input and the one output that a session feeds, checked against the manifest.
type ports struct {
	classes   int
	shape     []int64       // of one picture
	element   model.Element // of the input
	out       model.Element // of the output, Float32 or Float16
	outSquare bool          // output is [N, classes, 1, 1]
	fixed     int           // number of pictures that the graph insists on; 0 when it is open
	bytes     int64         // of the file
	keepable  bool          // all weights are in it, so that its hash says what the graph is made from
}

// filePorts reads the structure of a model file, not its weights, and compares it with the manifest.
func filePorts(m *model.Model, file ModelFile) (ports, error) {
	if err := m.Validate(); err != nil {
		return ports{}, err
	}
	var f *onnx.File
	var err error
	if file.Data != nil {
		f, err = onnx.Read(bytes.NewReader(file.Data), int64(len(file.Data)))
	} else {
		f, err = onnx.Open(file.Path)
	}
	if err != nil {
		return ports{}, err
	}
	return readPorts(m, f)
}

// readPorts reads the file's structure and compares it with the manifest.
func readPorts(m *model.Model, f *onnx.File) (ports, error) {
	p := ports{
		classes: len(m.Labels), element: m.Input.Element, shape: preprocess.NewTensor(&m.Input, 1).Shape[1:],
		bytes: f.Size, keepable: len(f.SideFiles()) == 0,
	}
	if len(f.Inputs) != 1 {
		return p, fmt.Errorf("%w: it has %d inputs, one is needed", ErrModel, len(f.Inputs))
	}
	in := f.Inputs[0]
	if in.Name != m.Input.Name {
		return p, fmt.Errorf("%w: its input is %q, the manifest field \"input.name\" says %q", ErrModel, in.Name, m.Input.Name)
	}
	if in.Element != string(p.element) {
		return p, fmt.Errorf("%w: input %q takes %s, the manifest field \"input.element\" says %s", ErrModel, in.Name, in.Element, p.element)
	}
	if err := matches(in, p.shape); err != nil {
		return p, err
	}
	if len(in.Shape) > 0 {
		p.fixed = int(in.Shape[0].Value)
	}
	for _, out := range f.Outputs {
		if out.Name != m.Output.Name {
			continue
		}
		p.out = model.Element(out.Element)
		if p.out != model.Float32 && p.out != model.Float16 {
			return p, fmt.Errorf("%w: output %q gives %s, float32 or float16 is needed", ErrModel, out.Name, out.Element)
		}
		p.outSquare = len(out.Shape) == 4
		if p.outSquare {
			return p, matches(out, []int64{int64(p.classes), 1, 1})
		}
		return p, matches(out, []int64{int64(p.classes)})
	}
	return p, fmt.Errorf("%w: it has no output %q, which the manifest field \"output.name\" names", ErrModel, m.Output.Name)
}

// matches compares a value's shape behind the number of pictures with the wanted one; open sizes and a shape that the file leaves out
// fit everything.
func matches(v onnx.Value, want []int64) error {
	if v.Shape == nil {
		return nil
	}
	fits := len(v.Shape) == len(want)+1
	for i := 0; fits && i < len(want); i++ {
		fits = v.Shape[i+1].Value == 0 || v.Shape[i+1].Value == want[i]
	}
	if !fits {
		return fmt.Errorf("%w: %q has shape %v, the manifest asks for [N %v]", ErrModel, v.Name, v.Shape, want)
	}
	return nil
}

// check tells whether n pictures of a batch fit the model and the room for their scores.
func (p *ports) check(batch *preprocess.Tensor, n, room int) error {
	if n < 1 || n > batch.N || room < n*p.classes {
		return fmt.Errorf("score %d pictures of a batch of %d into room for %d scores: %d are needed", n, batch.N, room, n*p.classes)
	}
	if held := max(len(batch.U8), len(batch.F32)); held < n*batch.PerPicture {
		return fmt.Errorf("score %d pictures of a batch that holds %d elements: %d are needed", n, held, n*batch.PerPicture)
	}
	if batch.PerPicture != elements(p.shape) || (batch.U8 != nil) != (p.element == model.Uint8) {
		return fmt.Errorf("score a batch of shape %v: %w: it takes %s of shape [N %v]", batch.Shape, ErrModel, p.element, p.shape)
	}
	return nil
}
