package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// infer answers a request of the Open Inference Protocol, or the bare bytes of one picture.
func (s *Server) infer(x *exchange, e *engine) *problem {
	headerLength := x.r.Header.Get("Inference-Header-Content-Length")
	contentType := x.r.Header.Get("Content-Type")
	// Length 0 is Triton's "raw binary request": the body is the one input's only element.
	bare := headerLength == "0" || headerLength == "" && contentType != "" && !isJSON(contentType)
	if bare {
		if p := checkPicture(x); p != nil {
			return p
		}
	}
	leave, p := s.admit(x, e)
	if p != nil {
		return p
	}
	defer leave()
	body, p := s.readBody(x)
	if p != nil {
		return p
	}
	defer freeBody(body)
	if len(*body) == 0 {
		return newProblem(emptyBody, "the body is empty; send a request of the Open Inference Protocol or the bytes of a picture")
	}
	r := &inferRequest{Inputs: []inferInput{{Name: pictureInput, Datatype: "BYTES", Shape: []int64{1}}}}
	if !bare {
		var err error
		if r, err = parseInfer(*body, headerLength); err != nil {
			return newProblem(badRequest, "%v", err)
		}
	}
	work, p := s.inferWork(e, r, *body, bare)
	if p != nil {
		return p
	}
	if p := r.checkOutputs(); p != nil {
		return p
	}
	// One was let in already, for the request.
	more := int64(len(work) - 1)
	if !s.admission.enter(more, 0) {
		s.metrics.refused.Inc()
		return newProblem(overloaded, "the server has no room for %d pictures; send fewer in one request, or try again", len(work)).after(e.wait(more))
	}
	defer s.admission.leave(more, 0)
	ctx, cancel := context.WithDeadline(x.r.Context(), x.start.Add(s.o.Timeout))
	defer cancel()
	all, p := inferAll(ctx, work)
	if p != nil {
		return p
	}
	x.answer = all[len(all)-1]
	s.trace(ctx, e, x.answer)
	if p := s.writeInfer(x, e, r, all); p != nil {
		return p
	}
	s.captureInference(r, work, all)
	return nil
}

func isJSON(contentType string) bool {
	base, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(base), "application/json")
}

// A unit of work answers for one picture.
type unit struct {
	answer func(ctx context.Context) (answer, error)
	// picture as it came, a part of the body; nil for a ready tensor.
	picture []byte
}

// inferWork turns the request's one input into work.
func (s *Server) inferWork(e *engine, r *inferRequest, body []byte, bare bool) ([]unit, *problem) {
	in := &e.model.Classifier.Model.Input
	if len(r.Inputs) != 1 {
		return nil, newProblem(badRequest, "%d inputs; give one: %q with encoded pictures, or %q with ready tensors", len(r.Inputs), pictureInput, in.Name)
	}
	input := &r.Inputs[0]
	var work []unit
	var err error
	switch {
	case bare:
		return []unit{picture(e, body)}, nil
	case input.Datatype == "BYTES" && input.Name == pictureInput:
		work, err = pictureWork(e, input, s.o.Queue)
	case input.Name == in.Name && input.Datatype == datatype(in.Element):
		work, err = tensorWork(e, input, s.o.Queue)
	case input.Name == in.Name || input.Name == pictureInput:
		return nil, newProblem(badRequest, "input %q has datatype %q; %q takes BYTES and %q takes %s", clip(input.Name), clip(input.Datatype),
			pictureInput, in.Name, datatype(in.Element))
	default:
		return nil, newProblem(badRequest, "there is no input %q; give %q with encoded pictures, or %q with ready tensors", clip(input.Name), pictureInput, in.Name)
	}
	if err != nil {
		return nil, newProblem(badRequest, "%v", err)
	}
	return work, nil
}

// picture is the work for an encoded picture.
func picture(e *engine, data []byte) unit {
	return unit{func(ctx context.Context) (answer, error) { return e.classify(ctx, nil, data) }, data}
}

func pictureWork(e *engine, input *inferInput, most int) ([]unit, error) {
	shape := []int64(nil)
	if len(input.Shape) == 2 && input.Shape[1] == 1 { // [N, 1], as clients of Triton batch
		shape = []int64{1}
	}
	n, err := input.count(shape, most)
	if err != nil {
		return nil, err
	}
	list, err := input.pictures(n)
	if err != nil {
		return nil, err
	}
	work := make([]unit, n)
	for i, data := range list {
		work[i] = picture(e, data)
	}
	return work, nil
}

func tensorWork(e *engine, input *inferInput, most int) ([]unit, error) {
	in := &e.model.Classifier.Model.Input
	n, err := input.count(pictureShape(in), most)
	if err != nil {
		return nil, err
	}
	// What the shape claims must be in the body before memory is taken for it: an element has one byte at least.
	if per := preprocess.NewTensor(in, 1).PerPicture; n > max(len(input.raw), len(input.Data))/per {
		return nil, fmt.Errorf("input %q: its shape %v needs more elements than the body has", clip(input.Name), input.Shape)
	}
	tensor := preprocess.NewTensor(in, n)
	if err := input.values(tensor); err != nil {
		return nil, err
	}
	work := make([]unit, n)
	for i := range work {
		work[i].answer = func(ctx context.Context) (answer, error) {
			j := e.newJob()
			copyPicture(j.tensor, 0, one(tensor, i))
			e.queue.push(j)
			a, err := e.await(ctx, nil, j)
			if errors.Is(err, model.ErrScores) {
				err = fmt.Errorf("%w: %w", errTensor, err)
			}
			return a, err
		}
	}
	return work, nil
}

// errTensor is a ready tensor to which the model has no answer, such as one with infinite values.
var errTensor = errors.New("no answer to this tensor")

// one is picture i of a batch.
func one(t *preprocess.Tensor, i int) *preprocess.Tensor {
	from, to := i*t.PerPicture, (i+1)*t.PerPicture
	if t.U8 != nil {
		return &preprocess.Tensor{N: 1, PerPicture: t.PerPicture, U8: t.U8[from:to]}
	}
	return &preprocess.Tensor{N: 1, PerPicture: t.PerPicture, F32: t.F32[from:to]}
}

// inferAll does the work side by side. The first problem, in the pictures' order, is the request's.
func inferAll(ctx context.Context, work []unit) ([]answer, *problem) {
	all, errs := make([]answer, len(work)), make([]error, len(work))
	var wg sync.WaitGroup
	for i, do := range work[1:] {
		wg.Go(func() { all[i+1], errs[i+1] = do.answer(ctx) })
	}
	all[0], errs[0] = work[0].answer(ctx)
	wg.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		p := problemOf(ctx, errs[i])
		if len(work) > 1 && p.kind == badPicture {
			p.text = fmt.Sprintf("picture %d: %s", i, p.text)
		}
		return nil, p
	}
	return all, nil
}
