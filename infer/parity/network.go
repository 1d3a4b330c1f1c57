package parity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Network is a model that the other side may be running.
type Network struct {
	// Says is what the other side does when it runs this, such as "runs epoch 3".
	Says  string
	Model *model.Model
	File  infer.ModelFile
}

// maxEditedBytes bounds a model that is changed in memory.
const maxEditedBytes = 1 << 30

// data gives the file's bytes.
func (n *Network) data() ([]byte, error) {
	if n.File.Data != nil {
		return n.File.Data, nil
	}
	info, err := os.Stat(n.File.Path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxEditedBytes {
		return nil, fmt.Errorf("%w: the model has more than %d bytes", onnx.ErrTwin, maxEditedBytes)
	}
	return os.ReadFile(n.File.Path)
}

// edited is the network with another graph.
func (n *Network) edited(element model.Element, edit func([]byte, []int64) ([]byte, error)) (*Network, error) {
	data, err := n.data()
	if err != nil {
		return nil, err
	}
	if data, err = edit(data, preprocess.NewTensor(&n.Model.Input, 1).Shape); err != nil {
		return nil, err
	}
	m := *n.Model
	m.Input.Element = element
	return &Network{n.Says, &m, infer.ModelFile{Data: data}}, nil
}

// A bench is where hypotheses are tried: it opens networks and pipelines when they are first needed. Close it.
type bench struct {
	subject   *Subject
	mu        sync.Mutex
	sessions  map[*Network]func() (*infer.Session, error)
	floats    map[*Network]func() (*Network, error)
	pipelines map[string]*preprocess.Pipeline
}

func newBench(s *Subject) *bench {
	return &bench{subject: s, sessions: map[*Network]func() (*infer.Session, error){}, floats: map[*Network]func() (*Network, error){},
		pipelines: map[string]*preprocess.Pipeline{}}
}

func (b *bench) close() {
	for _, open := range b.sessions {
		if session, err := open(); err == nil {
			_ = session.Close() // nothing is lost with it
		}
	}
}

// session opens a network once.
func (b *bench) session(ctx context.Context, n *Network) (*infer.Session, error) {
	b.mu.Lock()
	open := b.sessions[n]
	if open == nil {
		open = sync.OnceValues(func() (*infer.Session, error) { return infer.OpenSession(ctx, n.Model, n.File, b.subject.Session) })
		b.sessions[n] = open
	}
	b.mu.Unlock()
	return open()
}

// float is the network with an input of float32.
func (b *bench) float(n *Network) (*Network, error) {
	if n.Model.Input.Element != model.Uint8 {
		return n, nil
	}
	b.mu.Lock()
	make := b.floats[n]
	if make == nil {
		make = sync.OnceValues(func() (*Network, error) { return n.edited(model.Float32, onnx.FloatInput) })
		b.floats[n] = make
	}
	b.mu.Unlock()
	return make()
}

func (b *bench) pipeline(in *model.Input) (*preprocess.Pipeline, error) {
	key, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.pipelines[string(key)]
	if p == nil {
		if p, err = preprocess.New(in, b.subject.Limits); err != nil {
			return nil, err
		}
		b.pipelines[string(key)] = p
	}
	return p, nil
}

// An outcome is a network's raw output for one picture under some hypotheses.
type outcome struct {
	raw   []float32
	model *model.Model
}

// A plate holds one picture while hypotheses are tried on it, so that it is decoded once for all that decode it alike.
type plate struct {
	file    []byte
	decoded map[string]*preprocess.Picture
}

// try runs the local side on a picture under hypotheses of different axes.
func (b *bench) try(ctx context.Context, p *plate, hypotheses ...*hypothesis) (o outcome, err error) {
	network := &b.subject.Network
	for _, h := range hypotheses {
		if h.network != nil {
			network = h.network
		}
	}
	if slices.ContainsFunc(hypotheses, func(h *hypothesis) bool { return h.float }) {
		if network, err = b.float(network); err != nil {
			return o, err
		}
	}
	in := network.Model.Input
	for _, h := range hypotheses {
		if h.edit != nil {
			h.edit(&in)
		}
	}
	pipeline, err := b.pipeline(&in)
	if err != nil {
		return o, err
	}
	picture, err := p.picture(pipeline, &in, b.subject.Limits, hypotheses)
	if err != nil {
		return o, err
	}
	tensor := preprocess.NewTensor(&in, 1)
	if err := pipeline.Fill(tensor, 0, picture); err != nil {
		return o, err
	}
	session, err := b.session(ctx, network)
	if err != nil {
		return o, err
	}
	o = outcome{make([]float32, len(network.Model.Labels)), network.Model}
	if err := session.Scores(ctx, o.raw, tensor, 1); err != nil {
		return o, err
	}
	if i := notANumber(o.raw); i >= 0 {
		return o, errors.New("the network's output is not a number")
	}
	return o, nil
}

// picture decodes, or takes what was decoded alike.
func (p *plate) picture(pipeline *preprocess.Pipeline, in *model.Input, limits preprocess.Limits, hypotheses []*hypothesis) (*preprocess.Picture, error) {
	var key strings.Builder
	key.WriteString(fmt.Sprint(in.Channels, in.ApplyEXIF, in.Decode))
	if in.Decode == model.Scaled || in.Resize.Mode == model.None { // the resize has a say in what is decoded
		key.WriteString(fmt.Sprint(in.Resize, in.Width, in.Height))
	}
	for _, h := range hypotheses {
		if h.file != nil || h.pixels != nil {
			key.WriteString("/" + h.says)
		}
	}
	if pic := p.decoded[key.String()]; pic != nil {
		return pic, nil
	}
	file := p.file
	for _, h := range hypotheses {
		if h.file != nil {
			var err error
			if file, err = h.file(file, limits); err != nil {
				return nil, err
			}
		}
	}
	pic, err := pipeline.Decode(file)
	if err != nil {
		return nil, err
	}
	for _, h := range hypotheses {
		if h.pixels != nil {
			if err := h.pixels(pic); err != nil {
				return nil, err
			}
		}
	}
	p.decoded[key.String()] = pic
	return pic, nil
}
