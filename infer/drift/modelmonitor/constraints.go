package modelmonitor

import (
	"cmp"
	"slices"
)

// Constraints is a constraints.json.
type Constraints struct {
	Version  float64             `json:"version"`
	Features []FeatureConstraint `json:"features"`
	Config   Config              `json:"monitoring_config"`
}

// A FeatureConstraint says what a column must be like.
type FeatureConstraint struct {
	Name         string             `json:"name"`
	InferredType Type               `json:"inferred_type"`
	Completeness float64            `json:"completeness"` // the share of values that are there, at least
	Num          *NumConstraints    `json:"num_constraints,omitempty"`
	Strings      *StringConstraints `json:"string_constraints,omitempty"`
	Overrides    *Config            `json:"monitoringConfigOverrides,omitempty"`
}

// NumConstraints are of numbers.
type NumConstraints struct {
	IsNonNegative bool `json:"is_non_negative"`
}

// StringConstraints are of words.
type StringConstraints struct {
	Domains []string `json:"domains"`
}

// The two words of a switch.
const (
	Enabled  = "Enabled"
	Disabled = "Disabled"
)

// The methods of comparison.
const (
	Simple     = "Simple"
	Robust     = "Robust"
	LInfinity  = "LInfinity"
	ChiSquared = "ChiSquared"
)

// Config says how constraints are checked.
type Config struct {
	EvaluateConstraints     string       `json:"evaluate_constraints"`
	EmitMetrics             string       `json:"emit_metrics"`
	DatatypeCheckThreshold  float64      `json:"datatype_check_threshold"`
	DomainContentThreshold  float64      `json:"domain_content_threshold"`
	DistributionConstraints Distribution `json:"distribution_constraints"`
}

// Distribution says how distributions are compared.
type Distribution struct {
	PerformComparison string  `json:"perform_comparison"`
	Threshold         float64 `json:"comparison_threshold"`
	Method            string  `json:"comparison_method"`
	// Newer than the first files; absent there.
	CategoricalThreshold *float64 `json:"categorical_comparison_threshold,omitempty"`
	CategoricalMethod    string   `json:"categorical_drift_method,omitempty"`
}

// with gives the config with what overrides of a feature set; the container writes an empty object where there are none.
func (c Config) with(o *Config) Config {
	if o == nil {
		return c
	}
	c.DatatypeCheckThreshold = cmp.Or(o.DatatypeCheckThreshold, c.DatatypeCheckThreshold)
	c.DomainContentThreshold = cmp.Or(o.DomainContentThreshold, c.DomainContentThreshold)
	d, by := &c.DistributionConstraints, &o.DistributionConstraints
	d.PerformComparison, d.Threshold = cmp.Or(by.PerformComparison, d.PerformComparison), cmp.Or(by.Threshold, d.Threshold)
	d.Method, d.CategoricalMethod = cmp.Or(by.Method, d.Method), cmp.Or(by.CategoricalMethod, d.CategoricalMethod)
	d.CategoricalThreshold = cmp.Or(by.CategoricalThreshold, d.CategoricalThreshold)
	return c
}

// DefaultConfig is what the container writes: data types and domains must hold entirely, distributions may be 0.1 apart by the robust
// distance.
var DefaultConfig = Config{
	EvaluateConstraints: Enabled, EmitMetrics: Enabled, DatatypeCheckThreshold: 1, DomainContentThreshold: 1,
	DistributionConstraints: Distribution{PerformComparison: Enabled, Threshold: 0.1, Method: Robust},
}

// maxDomain is the number of different words up to which they are taken for a domain.
const maxDomain = 100

// Suggest makes the constraints that a baseline meets.
func Suggest(s *Statistics) *Constraints {
	out := &Constraints{Features: []FeatureConstraint{}, Config: DefaultConfig}
	for i := range s.Features {
		f := &s.Features[i]
		common := f.common()
		c := FeatureConstraint{Name: f.Name, InferredType: f.InferredType}
		if all := common.NumPresent + common.NumMissing; all > 0 {
			c.Completeness = float64(common.NumPresent) / float64(all)
		}
		switch {
		case f.Numerical != nil:
			c.Num = &NumConstraints{IsNonNegative: f.Numerical.Min >= 0}
		case f.Strings != nil && f.Strings.DistinctCount <= maxDomain:
			c.Strings = &StringConstraints{Domains: []string{}}
			for _, b := range f.Strings.Distribution.Categorical.Buckets {
				c.Strings.Domains = append(c.Strings.Domains, b.Value)
			}
			slices.Sort(c.Strings.Domains)
		}
		out.Features = append(out.Features, c)
	}
	return out
}
