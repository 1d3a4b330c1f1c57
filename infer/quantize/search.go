package quantize

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// search chooses the method, then keeps more and more of the sensitive layers in float32 until the gate is met or it is plain that
// it will not be.
func (w *work) search(ctx context.Context) (*Result, error) {
	sum := sha256.Sum256(w.data)
	w.record = Record{
		WeightBits: w.options.Bits, From: hex.EncodeToString(sum[:]),
		Calibration: Calibration{w.sets.calibration.n, w.sets.calibration.hash()},
	}
	r := &Result{Report: Report{
		WeightBits: w.options.Bits, HeldBack: w.sets.held.n, Unreadable: w.sets.failed, KeptFloat: []string{},
		Calibration: w.record.Calibration,
		Layers:      len(w.quantizer.Layers()), Unsupported: w.quantizer.Unsupported(), FloatBytes: len(w.data),
	}}
	if err := w.chooseMethod(ctx, &r.Report); err != nil {
		return nil, err
	}
	done, err := w.judge(ctx, r, true)
	if err != nil || done {
		return r, err
	}
	ranked, err := w.sensitive(ctx, r.Report.Method)
	if err != nil {
		return nil, err
	}
	for n := 1; n <= len(ranked); n *= 2 {
		r.Report.KeptFloat = ranked[:n]
		if done, err := w.judge(ctx, r, 2*n > len(ranked)); err != nil || done {
			return r, err
		}
	}
	return r, nil
}

// chooseMethod takes the method whose twin agrees best on the calibration pictures.
func (w *work) chooseMethod(ctx context.Context, r *Report) error {
	var best agreement
	fewest := w.sets.calibration.n // labels that the best method changes
	for _, method := range w.methods() {
		got, err := w.trial(ctx, method, nil, &w.sets.calibration, func(got *answers) bool { return w.want.changed(got) > fewest })
		if err != nil {
			return err
		}
		a := w.want.compare(got)
		r.Tried = append(r.Tried, Trial{method, len(got.top), a.share, a.mean})
		if changed := w.want.changed(got); r.Method == "" || changed <= fewest && a.better(best) {
			r.Method, best, fewest = method, a, changed
		}
	}
	return nil
}

// trial gives the answers of one twin; enough is as in answers.
func (w *work) trial(ctx context.Context, method Method, float []string, set *set, enough func(*answers) bool) (*answers, error) {
	data, err := w.build(method, float)
	if err != nil {
		return nil, err
	}
	s, err := w.open(ctx, data)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return w.answers(ctx, s, set, string(method), enough)
}

// judge builds the twin that the report describes and measures it on the held-back pictures. done is true when there is nothing
// left to try: the gate is met, or it is missed by speed, which more float32 does not mend. Unless all is set, pictures are judged only
// until the answers are seen to be too different, and then no speed is measured: another twin will be what the report ends with.
func (w *work) judge(ctx context.Context, r *Result, all bool) (done bool, err error) {
	p := &r.Report
	data, err := w.build(p.Method, p.KeptFloat)
	if err != nil {
		return false, err
	}
	s, err := w.open(ctx, data)
	if err != nil {
		return false, err
	}
	defer s.Close()
	var enough func(*answers) bool
	if !all {
		enough = w.tooDifferent
	}
	got, err := w.answers(ctx, s, &w.sets.held, "judge", enough)
	if err != nil || len(got.top) < w.sets.held.n {
		return false, err
	}
	a := w.truth.compare(got)
	p.Agreement, p.LargestMove, p.MeanMove, p.Bytes, p.Problems = a.share, a.largest, a.mean, len(data), nil
	if n := w.sets.held.labelled(); n > 0 {
		p.Accuracy = &Accuracy{n, w.truth.accuracy(w.sets.held.classes), got.accuracy(w.sets.held.classes)}
	}
	wrong := w.wrong(p)
	if wrong && !all {
		return false, nil
	}
	if p.Speedup, p.Pairs, err = w.speedup(ctx, s); err != nil {
		return false, err
	}
	slow := p.Speedup < w.options.MinSpeedup
	if slow {
		p.Problems = append(p.Problems, fmt.Sprintf("it is %.2f times as fast as float32, %.2f are wanted", p.Speedup, w.options.MinSpeedup))
	}
	if p.Passed = !wrong && !slow; p.Passed {
		r.Data = data
	}
	return p.Passed || slow, nil
}

// wrong notes answers that differ too much: accuracy decides where the truth of every picture is known, labels that stay decide for
// the rest.
func (w *work) wrong(p *Report) bool {
	if a := p.Accuracy; a != nil {
		if drop := 100 * (a.Float - a.Int8); drop > w.options.MaxDrop {
			p.Problems = append(p.Problems, fmt.Sprintf("accuracy falls by %.2f points, at most %.2f are allowed", drop, w.options.MaxDrop))
			return true
		}
		if a.Pictures == p.HeldBack {
			return false
		}
	}
	if p.Agreement < MinAgreement {
		p.Problems = append(p.Problems, fmt.Sprintf("%.2f %% of the pictures keep their label, %.0f %% must", 100*p.Agreement, 100*MinAgreement))
		return true
	}
	return false
}

// tooDifferent tells whether the answers so far cannot meet the gate any more, were all others right: as wrong does, for part of the
// pictures.
func (w *work) tooDifferent(got *answers) bool {
	labelled := w.sets.held.labelled()
	if labelled > 0 {
		right, known := got.right(w.sets.held.classes)
		most := float64(right+labelled-known) / float64(labelled)
		if 100*(w.truth.accuracy(w.sets.held.classes)-most) > w.options.MaxDrop {
			return true
		}
	}
	most := float64(w.sets.held.n-w.truth.changed(got)) / float64(w.sets.held.n)
	return labelled < w.sets.held.n && most < MinAgreement
}

// Sensitivity is measured on few pictures and for the layers that are most likely to matter.
const (
	sensitivePictures = 64
	sensitiveLayers   = 16
)

// sensitive ranks layers by how much agreement each gives back when it alone stays in float32. The first and the last layer are
// measured, and of the others those with the fewest weights for their depth, which average errors out least.
func (w *work) sensitive(ctx context.Context, method Method) ([]string, error) {
	layers := w.quantizer.Layers()
	candidates := []string{layers[0].Name}
	if last := layers[len(layers)-1].Name; last != candidates[0] {
		candidates = append(candidates, last)
	}
	slices.SortStableFunc(layers, func(a, b onnx.Layer) int { return cmp.Compare(a.Weights, b.Weights) })
	for _, l := range layers {
		if len(candidates) < sensitiveLayers && !slices.Contains(candidates, l.Name) {
			candidates = append(candidates, l.Name)
		}
	}
	few := set{tensor: w.sets.calibration.tensor, n: min(w.sets.calibration.n, sensitivePictures)}
	gain := map[string]agreement{}
	for i, name := range candidates {
		w.options.Progress("sensitivity", i, len(candidates))
		got, err := w.trial(ctx, method, []string{name}, &few, nil)
		if err != nil {
			return nil, err
		}
		gain[name] = w.want.compare(got)
	}
	slices.SortStableFunc(candidates, func(a, b string) int { return cmp.Compare(gain[a].mean, gain[b].mean) })
	return candidates, nil
}

// build makes a twin that carries the contract and says how it was made.
func (w *work) build(method Method, float []string) ([]byte, error) {
	own := w.record
	own.Method, own.KeptFloat = method, append([]string{}, float...)
	record, err := json.Marshal(own)
	if err != nil {
		return nil, fmt.Errorf("recording what was done: %w", err)
	}
	metadata := maps.Clone(w.quantizer.Metadata())
	metadata[model.MetadataKey], metadata[MetadataKey] = string(w.model.JSON()), string(record)
	return w.quantizer.Build(onnx.BuildOptions{Ranges: w.ranges[method], Bits: w.options.Bits, Float: float, Metadata: metadata})
}
