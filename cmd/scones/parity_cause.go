package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/source"
)

// findCause runs the local side again under everything that the other side may do.
func findCause(c *cli.Context, o *parityOptions, local *localSide, sample *parity.Sample) (*parity.Cause, error) {
	others, err := otherNetworks(c, o, local)
	if err != nil {
		return nil, err
	}
	bar := newProgress(c.App.ErrWriter, "find the cause", -1, false)
	defer func() { _ = bar.Clear() }() // a bar that cannot be drawn is no reason to stop
	return parity.Explain(c.Context, &parity.Subject{
		Network: networkOf(local.source, ""), Session: local.options, Limits: o.limits, Others: others,
	}, sample.Pairs(), parity.ExplainOptions{
		Tolerance: o.tolerance, Workers: coresFromFlags(c),
		Progress: func(done, total int) {
			bar.ChangeMax(total)
			_ = bar.Set(done)
		},
	})
}

func networkOf(s *source.Source, says string) parity.Network {
	return parity.Network{Says: says, Model: s.Model, File: infer.ModelFile{Path: s.Path, Data: s.Data}}
}

// otherNetworks are the models that the other side may run instead: those that the user names, the INT8 twin, other epochs.
func otherNetworks(c *cli.Context, o *parityOptions, local *localSide) (list []parity.Network, err error) {
	for _, name := range o.candidates {
		s, err := openAsItIs(c, name)
		if err != nil {
			return nil, fmt.Errorf("--candidate: %w", err)
		}
		list = append(list, networkOf(s, "runs "+name))
	}
	switch s := local.source; {
	case s.Kind == source.Builtin && s.Name == source.BuiltinName:
		list = append(list, twinOf(c, source.BuiltinInt8Name, "runs the INT8 twin")...)
	case s.Kind == source.Builtin:
		list = append(list, twinOf(c, source.BuiltinName, "runs the float32 model, not its INT8 twin")...)
	case s.Kind == source.SageMaker:
		return append(list, otherEpochs(c, s)...), nil
	case s.Path != "":
		twin, says := strings.TrimSuffix(s.Path, ".onnx")+".int8.onnx", "runs the INT8 twin "
		if float, isTwin := strings.CutSuffix(s.Path, ".int8.onnx"); isTwin {
			twin, says = float+".onnx", "runs the float32 model "
		}
		list = append(list, twinOf(c, twin, says+filepath.Base(twin))...)
	}
	return list, nil
}

// twinOf opens a model that may be there.
func twinOf(c *cli.Context, name, says string) []parity.Network {
	s, err := source.Open(c.Context, name, source.Options{})
	if err != nil {
		return nil
	}
	return []parity.Network{networkOf(s, says)}
}

// mostEpochs bounds how many checkpoints of an artifact are converted and tried: those nearest to the one that was taken.
const mostEpochs = 8

// otherEpochs are the artifact's other checkpoints.
func otherEpochs(c *cli.Context, s *source.Source) (list []parity.Network) {
	taken := s.Model.Provenance.Epoch
	artifact, err := mxnet.Open(s.Name, mxnet.Options{Epoch: taken})
	if err != nil {
		return nil
	}
	epochs := artifact.Epochs
	_ = artifact.Close() // nothing was written
	slices.SortStableFunc(epochs, func(a, b int) int { return abs(a-taken) - abs(b-taken) })
	for _, epoch := range epochs[:min(mostEpochs+1, len(epochs))] {
		if epoch == taken {
			continue
		}
		other, err := source.Open(c.Context, s.Name, source.Options{Labels: s.Model.Labels, Epoch: epoch})
		if err != nil {
			continue
		}
		m := *other.Model
		m.Input, m.Output = s.Model.Input, s.Model.Output // what the flags say holds for every epoch
		other.Model = &m
		list = append(list, networkOf(other, fmt.Sprintf("runs epoch %d, not %d", epoch, taken)))
	}
	return list
}

func abs(n int) int { return max(n, -n) }
