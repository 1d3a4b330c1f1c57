package modelmonitor

import (
	"fmt"
	"math"
	"slices"

	"github.com/scones-unlimited/scones/infer/drift"
)

// Violations is a constraint_violations.json.
type Violations struct {
	Violations []drift.Violation `json:"violations"`
}

// The kinds of checks.
const (
	DataTypeCheck     = "data_type_check"
	CompletenessCheck = "completeness_check"
	DriftCheck        = "baseline_drift_check"
	MissingColumn     = "missing_column_check"
	ExtraColumn       = "extra_column_check"
	CategoricalValues = "categorical_values_check"
)

// Check finds what of a window does not meet constraints, as Model Monitor would. Distributions are compared with those of the baseline's
// statistics.
func Check(c *Constraints, baseline, window *Statistics) []drift.Violation {
	found := []drift.Violation{}
	if c.Config.EvaluateConstraints == Disabled {
		return found
	}
	add := func(feature, check, format string, args ...any) {
		found = append(found, drift.Violation{Feature: feature, Check: check, Description: fmt.Sprintf(format, args...)})
	}
	for i := range c.Features {
		want := &c.Features[i]
		got := window.feature(want.Name)
		if got == nil {
			add(want.Name, MissingColumn, "The baseline has this column, the window has not.")
			continue
		}
		config := c.Config.with(want.Overrides)
		if got.InferredType != want.InferredType && got.InferredType != Unknown && !(got.InferredType == Integral && want.InferredType == Fractional) {
			add(want.Name, DataTypeCheck, "Data type match requirement is not met. Expected data type: %s, found: %s.", want.InferredType, got.InferredType)
		}
		common := got.common()
		if all := common.NumPresent + common.NumMissing; all > 0 && float64(common.NumPresent)/float64(all) < want.Completeness {
			add(want.Name, CompletenessCheck, "Value: %v does not meet the constraint requirement! Completeness must be %v or more.", float64(common.NumPresent)/float64(all), want.Completeness)
		}
		if share, ok := within(want, got); ok && share < config.DomainContentThreshold {
			add(want.Name, CategoricalValues, "Value: %v does not meet the constraint requirement! That share of values is in the domain.", share)
		}
		if base := baseline.feature(want.Name); base != nil && config.DistributionConstraints.PerformComparison == Enabled {
			if distance, limit, ok := compare(&config.DistributionConstraints, base, got); ok && distance > limit {
				add(want.Name, DriftCheck, "Baseline drift distance: %v exceeds threshold: %v", distance, limit)
			}
		}
	}
	for i := range window.Features {
		name := window.Features[i].Name
		if !slices.ContainsFunc(c.Features, func(f FeatureConstraint) bool { return f.Name == name }) {
			add(name, ExtraColumn, "The window has this column, the baseline has not.")
		}
	}
	return found
}

func (s *Statistics) feature(name string) *Feature {
	for i := range s.Features {
		if s.Features[i].Name == name {
			return &s.Features[i]
		}
	}
	return nil
}

// within is the share of words that are in the domain.
func within(want *FeatureConstraint, got *Feature) (float64, bool) {
	if want.Strings == nil || len(want.Strings.Domains) == 0 || got.Strings == nil || got.Strings.Common.NumPresent == 0 {
		return 0, false
	}
	in := 0
	for _, b := range got.Strings.Distribution.Categorical.Buckets {
		if slices.Contains(want.Strings.Domains, b.Value) {
			in += b.Count
		}
	}
	return float64(in) / float64(got.Strings.Common.NumPresent), true
}

// compare gives the distance of two distributions and the limit; false where they cannot be compared. ChiSquared is not among the distances.
func compare(d *Distribution, base, got *Feature) (distance, limit float64, ok bool) {
	limit = d.Threshold
	var simple float64
	switch {
	case base.Numerical != nil && got.Numerical != nil:
		simple = apart(&base.Numerical.Distribution.KLL.Sketch, &got.Numerical.Distribution.KLL.Sketch)
	case base.Strings != nil && got.Strings != nil && d.CategoricalMethod != ChiSquared:
		simple = wordsApart(base.Strings, got.Strings)
		if d.CategoricalThreshold != nil {
			limit = *d.CategoricalThreshold
		}
	default:
		return 0, 0, false
	}
	m, n := base.common().NumPresent, got.common().NumPresent
	if m == 0 || n == 0 {
		return 0, 0, false
	}
	if d.Method == Simple {
		return simple, limit, true
	}
	return max(0, simple-1.8*math.Sqrt(float64(m+n)/(float64(m)*float64(n)))), limit, true
}

// apart is the largest distance of the distribution functions of two sketches.
func apart(a, b *Sketch) float64 {
	x, all := a.sorted()
	y, others := b.sorted()
	d, sx, sy, i, j := 0.0, 0.0, 0.0, 0, 0
	for i < len(x) && j < len(y) {
		at := min(x[i].value, y[j].value)
		for ; i < len(x) && x[i].value == at; i++ {
			sx += x[i].weight
		}
		for ; j < len(y) && y[j].value == at; j++ {
			sy += y[j].weight
		}
		d = max(d, math.Abs(sx/all-sy/others))
	}
	return d
}

// wordsApart is the largest difference of a word's shares.
func wordsApart(a, b *Strings) float64 {
	share := map[string]float64{}
	for _, c := range a.Distribution.Categorical.Buckets {
		share[c.Value] += float64(c.Count) / float64(a.Common.NumPresent)
	}
	for _, c := range b.Distribution.Categorical.Buckets {
		share[c.Value] -= float64(c.Count) / float64(b.Common.NumPresent)
	}
	d := 0.0
	for _, v := range share {
		d = max(d, math.Abs(v))
	}
	return d
}
