package monitor

import (
	"math"

	"github.com/scones-unlimited/scones/infer/drift"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// FormatColumn is the column of pictures' formats; those of numbers are called as [picturestats.Metrics] are.
const FormatColumn = "format"

// SamplerOptions say what a sample is of.
type SamplerOptions struct {
	Labels    []string // of the model, in class order; where they are empty, those that the rows have
	Threshold float64  // that a confidence must reach, 0 for none
	Source    string   // as people read it
	ModelSHA  string
	// Limit of rows, [drift.MaxRows] when zero; Seed chooses which where there are more.
	Limit int
	Seed  uint64
}

// A Sampler makes a [drift.Sample] of rows, in memory that is bounded by its limit.
type Sampler struct {
	o         SamplerOptions
	collector *drift.Collector
	classes   int // of the first scores; others have no vector
	cells     []drift.Cell
	named     map[int]string // labels of rows, by index
}

// maxNamed bounds the labels that are taken from rows.
const maxNamed = 10_000

// labels are those of all classes, nil where some never were the best.
func (s *Sampler) labels() []string {
	if len(s.o.Labels) > 0 || len(s.named) != s.classes {
		return s.o.Labels
	}
	labels := make([]string, s.classes)
	for i := range labels {
		if labels[i] = s.named[i]; labels[i] == "" || labels[i] == labelOf(i, nil) {
			return nil
		}
	}
	return labels
}

// Where the columns lie; picture statistics follow.
const (
	labelAt = iota
	confidenceAt
	scoresAt
	latencyAt
	formatAt
	picturesAt
)

// NewSampler makes a sampler.
func NewSampler(o SamplerOptions) *Sampler {
	columns := []drift.Column{
		labelAt:      {Name: drift.LabelColumn, Group: drift.Predictions, Values: []string{}},
		confidenceAt: {Name: drift.ConfidenceColumn, Group: drift.Scores, Numbers: []float64{}},
		scoresAt:     {Name: drift.ScoresColumn, Group: drift.Scores, Vectors: [][]float32{}},
		latencyAt:    {Name: drift.LatencyColumn, Group: drift.Operation, Unit: "ms", Numbers: []float64{}},
		formatAt:     {Name: FormatColumn, Group: drift.Pictures, Values: []string{}},
	}
	for _, metric := range picturestats.Metrics {
		columns = append(columns, drift.Column{Name: metric.Name, Group: drift.Pictures, Unit: metric.Unit, Numbers: []float64{}})
	}
	return &Sampler{o: o, collector: drift.NewCollector(o.Limit, o.Seed, columns...), cells: make([]drift.Cell, len(columns)), named: map[int]string{}}
}

// Add takes a row.
func (s *Sampler) Add(r *Row) error {
	for i := range s.cells {
		s.cells[i] = drift.Missing
	}
	if r.Error == "" {
		s.cells[labelAt].Value = r.Label
		if len(s.o.Labels) == 0 && r.Index < len(r.Scores) && len(s.named) < maxNamed {
			s.named[r.Index] = r.Label
		}
		s.cells[confidenceAt].Number = float64(r.Confidence)
		if s.classes == 0 {
			s.classes = len(r.Scores)
		}
		if len(r.Scores) == s.classes && s.classes > 0 {
			s.cells[scoresAt].Vector = r.Scores
		}
	}
	if r.Latency > 0 {
		s.cells[latencyAt].Number = float64(r.Latency.Microseconds()) / 1000
	}
	if r.Picture != nil {
		s.cells[formatAt].Value = r.Picture.Format
		for i, metric := range picturestats.Metrics {
			s.cells[picturesAt+i].Number = metric.Of(r.Picture)
		}
	}
	return s.collector.Add(rowOfSample(r), s.cells...)
}

func rowOfSample(r *Row) drift.Row {
	return drift.Row{Time: r.Time, ID: r.InferenceID, EventID: r.EventID, Picture: r.Place.String(), Error: r.Error}
}

// Sample gives the rows, and as skipped what the summary counts. Columns without any value are left out. The sampler is not to be used
// afterwards.
func (s *Sampler) Sample(summary *Summary) *drift.Sample {
	sample := s.collector.Sample()
	sample.Labels, sample.Threshold, sample.Source, sample.ModelSHA = s.labels(), s.o.Threshold, s.o.Source, s.o.ModelSHA
	var columns []drift.Column
	for _, column := range sample.Columns {
		if column.Name == drift.LabelColumn || column.Name == drift.ConfidenceColumn || hasValues(&column) {
			columns = append(columns, column)
		}
	}
	sample.Columns = columns
	if summary == nil {
		return sample
	}
	for _, cause := range summary.Causes {
		if cause.Kind == BadAnswer {
			continue // it is a row
		}
		skip(sample, string(cause.Kind)+": "+cause.Code, cause.Count)
	}
	if summary.Duplicates > 0 {
		skip(sample, "duplicate", summary.Duplicates)
	}
	return sample
}

func hasValues(c *drift.Column) bool {
	for _, v := range c.Numbers {
		if !math.IsNaN(v) {
			return true
		}
	}
	for _, v := range c.Values {
		if v != "" {
			return true
		}
	}
	for _, v := range c.Vectors {
		if v != nil {
			return true
		}
	}
	return false
}
