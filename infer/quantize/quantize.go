// Package quantize makes INT8 twins of float32 models and judges them before anyone uses them.
//
// [Run] observes a model on typical pictures, chooses how its values become bytes, and holds the result against the float32 model on
// pictures that it did not choose by: same answers, same accuracy where the truth is known, and enough speed on this machine. A
// twin that fails is not given out; layers that are too sensitive stay in float32.
//
// The graph is the work of package onnx, the runs are those of package infer.
package quantize

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

// ErrPictures is wrapped when there are too few pictures to choose and to judge by.
var ErrPictures = errors.New("not enough pictures")

// MinPictures is the least number of pictures that [Run] takes. Half of them judge, and one in ten that changes its label must not
// hide.
const MinPictures = 20

// Options of [Run]. The zero value is a good choice, and strict about accuracy.
type Options struct {
	// Session is what the models run on; its device is the processor.
	Session infer.SessionOptions
	// Limits hold for every picture.
	Limits preprocess.Limits
	// Pictures to take at most, evenly spread over the source; zero means 1,000. Their tensors are held, at most 256 MiB.
	Pictures int
	// Method of calibration; empty tries all and takes the one that agrees best.
	Method Method
	// Bits of the weights; zero means [BitsHere].
	Bits onnx.WeightBits
	// Class is the true class of a picture by its name; nil when the truth is not known. ok is false for a picture without.
	Class func(name string) (class int, ok bool)
	// MaxDrop is how many percentage points the accuracy may fall; zero allows none. Where the truth of a picture is not
	// known agreement must reach [MinAgreement].
	MaxDrop float64
	// MinSpeedup over float32; zero or less means [DefaultMinSpeedup].
	MinSpeedup float64
	// Progress is told what is going on; nil for silence.
	Progress func(step string, done, total int)
}

// The gate's limits.
const (
	DefaultMaxDrop    = 0.5  // percentage points
	DefaultMinSpeedup = 1.1  // times float32
	MinAgreement      = 0.99 // share of pictures with the same label, where the truth is not known
)

// Run quantizes a float32 model: m is its contract, data its ONNX file with all weights. Pictures are read in their order and dealt
// out by turns: one to calibrate with, one to judge by. When the gate is not met the Result has no Data and its report says why;
// that is no error. Errors wrap those of [onnx.NewQuantizer] and [infer.OpenSession], and [ErrPictures].
func Run(ctx context.Context, m *model.Model, data []byte, pictures iter.Seq2[preprocess.Image, error], o Options) (*Result, error) {
	o.defaults()
	shape := preprocess.NewTensor(&m.Input, 1).Shape
	q, err := onnx.NewQuantizer(data, shape)
	if err != nil {
		return nil, err
	}
	sets, err := load(ctx, m, pictures, &o)
	if err != nil {
		return nil, err
	}
	w := &work{model: m, data: data, quantizer: q, options: &o, sets: sets}
	defer w.close()
	if err := w.prepare(ctx); err != nil {
		return nil, err
	}
	return w.search(ctx)
}

func (o *Options) defaults() {
	if o.Pictures <= 0 {
		o.Pictures = 1000
	}
	if o.MinSpeedup <= 0 {
		o.MinSpeedup = DefaultMinSpeedup
	}
	if o.Bits == 0 {
		o.Bits = BitsHere()
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
}

// work is one run.
type work struct {
	model     *model.Model
	data      []byte
	quantizer *onnx.Quantizer
	options   *Options
	sets      *sets
	float     *infer.Session
	ranges    map[Method]map[string]onnx.Range
	want      *answers // of the float32 model, calibration pictures
	truth     *answers // of the float32 model, held-back pictures
	record    Record   // what every twin says of itself
}

// prepare observes the float32 model and keeps its answers.
func (w *work) prepare(ctx context.Context) (err error) {
	if w.float, err = w.open(ctx, w.data); err != nil {
		return err
	}
	seen, err := w.observe(ctx)
	if err != nil {
		return fmt.Errorf("calibrating: %w", err)
	}
	methods := Methods
	if w.options.Method != "" {
		methods = []Method{w.options.Method}
	}
	w.ranges = map[Method]map[string]onnx.Range{}
	for _, method := range methods {
		if w.ranges[method], err = seen.ranges(method); err != nil {
			return err
		}
	}
	if w.want, err = w.answers(ctx, w.float, &w.sets.calibration, "float32", nil); err != nil {
		return err
	}
	w.truth, err = w.answers(ctx, w.float, &w.sets.held, "float32", nil)
	return err
}

// open loads a model of the same contract.
func (w *work) open(ctx context.Context, data []byte) (*infer.Session, error) {
	return infer.OpenSession(ctx, w.model, infer.ModelFile{Data: data}, w.options.Session)
}

func (w *work) close() {
	if w.float != nil {
		_ = w.float.Close() // nothing is lost with it
	}
}

// methods that were asked for, in the order in which they are tried.
func (w *work) methods() []Method {
	return slices.DeleteFunc(slices.Clone(Methods), func(m Method) bool { return w.ranges[m] == nil })
}
