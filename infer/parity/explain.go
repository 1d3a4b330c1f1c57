package parity

import (
	"context"
	"errors"
	"fmt"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Subject is the local side, in parts that can be exchanged.
type Subject struct {
	Network
	Session infer.SessionOptions
	Limits  preprocess.Limits
	// Others are networks that the other side may be running: other epochs, an INT8 twin, yesterday's model.
	Others []Network
}

// ExplainOptions tune [Explain].
type ExplainOptions struct {
	// Tolerance within which answers agree; zero means [DefaultTolerance].
	Tolerance float64
	// Workers try pictures side by side; zero means 1.
	Workers int
	// Progress is told how far the search is; nil for silence.
	Progress func(done, total int)
}

// What removes a difference.
const (
	// enough is how many times smaller the largest difference must become.
	enough = 10
	// enoughFlips is how many changed labels there must be for their going to say anything, and enoughMean how many times smaller the
	// mean difference must become then: any small change takes a flip or two away.
	enoughFlips = 3
	enoughMean  = 3
	// enoughPictures is the share of the pictures beyond the tolerance whose own difference must be gone where a few others keep theirs:
	// one picture that one side decodes otherwise must not hide what is wrong with all.
	enoughPictures = 0.8
	// near is how many times smaller the mean difference must become for a hypothesis to speak against another model when none removes
	// it; the square for a pair, which is the best of many more.
	near = 2
)

// A Kind says what [Explain] came to.
type Kind string

// The kinds.
const (
	// Named: the parts remove the difference.
	Named Kind = "named"
	// Model: nothing that can be changed on the local side comes near, and labels changed. The other side runs other weights.
	Model Kind = "a different model"
	// Noise: the differences are small, and nothing removes them.
	Noise Kind = "noise"
	// Unknown: nothing removes the difference; the nearest is told.
	Unknown Kind = "unknown"
)

// smallDelta is up to where a difference that nothing explains is called noise: what float16, other decoders and other processors make.
const smallDelta = 0.01

// A Cause says why the answers differ.
type Cause struct {
	Kind Kind `json:"kind"`
	// Text is the answer in a sentence.
	Text string `json:"text"`
	// Parts remove the difference together; one or two for [Named], none else.
	Parts []Part `json:"parts,omitempty"`
	// Like are parts of the same axes that remove it as well: these pictures do not tell them apart.
	Like []Part `json:"like,omitempty"`
	// Before and After measure the sample without and with the parts, or with the nearest.
	Before Measure `json:"before"`
	After  Measure `json:"after"`
	// Nearest came nearest where none removes the difference.
	Nearest []Part `json:"nearest,omitempty"`
	// Blind are axes in which no hypothesis changes any answer: these pictures cannot show them.
	Blind []Axis `json:"blind,omitempty"`
	// Tried are the single hypotheses, the best first; Untried those that this model or these pictures do not allow.
	Tried   []Trial   `json:"tried"`
	Untried []Untried `json:"untried,omitempty"`
	Sample  int       `json:"sample"`
	Pairs   int       `json:"pairs"` // that were tried
}

// A Part is one hypothesis.
type Part struct {
	Axis Axis   `json:"axis"`
	Says string `json:"says"`
}

// A Trial is a hypothesis and what it makes of the difference.
type Trial struct {
	Part
	After Measure `json:"after"`
}

// An Untried hypothesis could not be tried.
type Untried struct {
	Part
	Reason string `json:"reason"`
}

// A Measure is how far two sides are apart on the sample.
type Measure struct {
	Max   float64 `json:"max"`  // largest difference of a probability
	Mean  float64 `json:"mean"` // of all probabilities
	Flips int     `json:"flips"`
	// Solved is how many pictures that were beyond the tolerance agree now, Beyond how many there were.
	Solved int `json:"solved,omitempty"`
	Beyond int `json:"beyond,omitempty"`
}

// compared is the measure of new answers, with how many pictures they bring together. The other side may have new answers too.
func compared(before, remote, after, remoteAfter [][]float32, tolerance float64) Measure {
	m := measure(after, remoteAfter)
	for i := range before {
		was, is := differ(before[i], remote[i]).max, differ(after[i], remoteAfter[i]).max
		if was > tolerance {
			m.Beyond++
			if is <= max(was/enough, tolerance) {
				m.Solved++
			}
		}
	}
	return m
}

func measure(local, remote [][]float32) Measure {
	var m Measure
	for i := range local {
		d := differ(local[i], remote[i])
		m.Max = max(m.Max, d.max)
		m.Mean += d.mean / float64(len(local))
		if d.flip {
			m.Flips++
		}
	}
	return m
}

// removes tells that a difference is gone.
func removes(before, after Measure, tolerance float64) bool {
	if after.Max <= before.Max/enough || after.Max <= tolerance {
		return true
	}
	if before.Flips >= enoughFlips && after.Flips == 0 && after.Mean <= before.Mean/enoughMean {
		return true
	}
	return after.Beyond >= enoughFlips && float64(after.Solved) >= enoughPictures*float64(after.Beyond) && after.Mean < before.Mean
}

// ErrNoSample is returned when there is no picture that both sides answered for.
var ErrNoSample = errors.New("no pictures to find a cause on")

// Explain runs the local side again on the sample under each plausible difference, and under the best pairs, and says which of them
// removes the difference. What cannot be tried is listed with its reason. Networks are opened and closed again.
func Explain(ctx context.Context, s *Subject, sample []Pair, o ExplainOptions) (*Cause, error) {
	if len(sample) == 0 {
		return nil, ErrNoSample
	}
	if o.Tolerance <= 0 {
		o.Tolerance = DefaultTolerance
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	b := newBench(s)
	defer b.close()
	search := &search{bench: b, sample: sample, options: o, remote: make([][]float32, len(sample))}
	for i := range sample {
		search.remote[i] = sample[i].Row.Remote
	}
	cause, err := search.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the cause: %w", err)
	}
	return cause, nil
}

// networkHypotheses are the other networks, and what becomes of the local one in float16.
func networkHypotheses(s *Subject) (list []*hypothesis, untried []Untried) {
	for _, half := range []struct {
		says string
		edit func([]byte, []int64) ([]byte, error)
	}{{"stores its weights in float16", onnx.HalfWeights}, {"computes in float16", onnx.HalfPrecision}} {
		network, err := s.edited(s.Model.Input.Element, half.edit)
		if err != nil {
			untried = append(untried, Untried{Part{NetworkAxis, half.says}, err.Error()})
			continue
		}
		list = append(list, &hypothesis{axis: NetworkAxis, says: half.says, network: network})
	}
	for i := range s.Others {
		other := &s.Others[i]
		if len(other.Model.Labels) != len(s.Model.Labels) {
			untried = append(untried, Untried{Part{NetworkAxis, other.Says}, fmt.Sprintf("it has %d classes, the local model %d", len(other.Model.Labels), len(s.Model.Labels))})
			continue
		}
		list = append(list, &hypothesis{axis: NetworkAxis, says: other.Says, network: other})
	}
	return list, untried
}

// multiLabel tells that every class has a probability of its own.
func multiLabel(m *model.Model) bool {
	return m.Output.MultiLabel || m.Output.Activation == model.Sigmoid
}
