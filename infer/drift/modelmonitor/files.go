package modelmonitor

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// ReadStatistics reads a statistics.json. Errors wrap [ErrFile].
func ReadStatistics(r io.Reader) (*Statistics, error) {
	s := new(Statistics)
	if err := read(r, s); err != nil {
		return nil, err
	}
	if len(s.Features) == 0 {
		return nil, fmt.Errorf("%w: there are no features", ErrFile)
	}
	seen := map[string]bool{}
	for i := range s.Features {
		f := &s.Features[i]
		common := f.common()
		switch {
		case f.Name == "" || seen[f.Name]:
			return nil, fmt.Errorf("%w: features[%d].name %q is empty or there twice", ErrFile, i, f.Name)
		case common.NumPresent < 0 || common.NumMissing < 0:
			return nil, fmt.Errorf("%w: feature %q: counts below zero", ErrFile, f.Name)
		case f.Numerical != nil && len(f.Numerical.Distribution.KLL.Sketch.Data) > 63:
			return nil, fmt.Errorf("%w: feature %q: the sketch has %d levels, at most 63 make sense", ErrFile, f.Name, len(f.Numerical.Distribution.KLL.Sketch.Data))
		case f.Numerical != nil && common.NumPresent > 0 && f.Numerical.Distribution.KLL.Sketch.empty():
			return nil, fmt.Errorf("%w: feature %q: distribution.kll.sketch.data is missing, and without it there is nothing to compare", ErrFile, f.Name)
		}
		seen[f.Name] = true
	}
	return s, nil
}

func (s *Sketch) empty() bool {
	for _, level := range s.Data {
		if len(level) > 0 {
			return false
		}
	}
	return true
}

// ReadConstraints reads a constraints.json. Fields that it lacks have the values that Model Monitor gives them. Errors wrap [ErrFile].
func ReadConstraints(r io.Reader) (*Constraints, error) {
	c := &Constraints{Config: Config{EvaluateConstraints: Enabled, EmitMetrics: Enabled, DatatypeCheckThreshold: 0.1, DomainContentThreshold: 0.1,
		DistributionConstraints: Distribution{PerformComparison: Enabled, Threshold: 0.1, Method: Robust}}}
	if err := read(r, c); err != nil {
		return nil, err
	}
	if len(c.Features) == 0 {
		return nil, fmt.Errorf("%w: there are no features", ErrFile)
	}
	d := &c.Config.DistributionConstraints
	switch {
	case d.Method != Simple && d.Method != Robust:
		return nil, fmt.Errorf("%w: monitoring_config.distribution_constraints.comparison_method %q, want %s or %s", ErrFile, d.Method, Simple, Robust)
	case math.IsNaN(d.Threshold) || d.Threshold < 0:
		return nil, fmt.Errorf("%w: monitoring_config.distribution_constraints.comparison_threshold %v, want 0 or more", ErrFile, d.Threshold)
	}
	return c, nil
}

func read(r io.Reader, into any) error {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if len(data) > MaxBytes {
		return fmt.Errorf("%w: it is larger than %d MiB", ErrFile, MaxBytes>>20)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	return nil
}

// Write writes any of the files, indented as the container does.
func Write(w io.Writer, file any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(file)
}
