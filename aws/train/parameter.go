package train

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Type is what a hyperparameter's text must be.
type Type string

// The types.
const (
	Integer Type = "integer"
	Real    Type = "real"
	Choice  Type = "choice"
	Flag    Type = "flag"  // true or false, in any case
	Shape   Type = "shape" // CHANNELS,HEIGHT,WIDTH
	Steps   Type = "steps" // increasing epochs, with commas between
)

// A Parameter is one of the algorithm's hyperparameters. They reach it as text.
type Parameter struct {
	Name string
	Type Type
	// Default is the algorithm's own; empty for none.
	Default string
	// Min and Max bound numbers, the ends included; both zero mean no bound above.
	Min, Max float64
	// Values are those of a choice.
	Values []string
	// Tune is the range that automatic tuning may search; nil where it may not.
	Tune *TuneRange
}

// A TuneRange is what the service's documentation lets be tuned.
type TuneRange struct {
	Min, Max float64
	// Log searches the orders of magnitude evenly.
	Log bool
}

// Parameters are the hyperparameters of the built-in image classification (SageMaker developer guide, "Image Classification
// Hyperparameters" and "Tune an Image Classification Model").
var Parameters = []Parameter{
	{Name: "num_classes", Type: Integer, Min: 2},
	{Name: "num_training_samples", Type: Integer, Min: 1},
	{Name: "num_layers", Type: Choice, Default: "152", Values: []string{"18", "34", "50", "101", "152", "200", "20", "32", "44", "56", "110"}},
	{Name: "image_shape", Type: Shape, Default: "3,224,224"},
	{Name: "mini_batch_size", Type: Integer, Default: "32", Min: 1, Tune: &TuneRange{8, 512, false}},
	{Name: "epochs", Type: Integer, Default: "30", Min: 1},
	{Name: "learning_rate", Type: Real, Default: "0.1", Max: 1, Tune: &TuneRange{1e-6, 0.5, true}},
	{Name: "lr_scheduler_factor", Type: Real, Default: "0.1", Max: 1},
	{Name: "lr_scheduler_step", Type: Steps},
	{Name: "optimizer", Type: Choice, Default: "sgd", Values: []string{"sgd", "adam", "rmsprop", "nag"}, Tune: &TuneRange{}},
	{Name: "momentum", Type: Real, Default: "0.9", Max: 1, Tune: &TuneRange{0, 0.999, false}},
	{Name: "weight_decay", Type: Real, Default: "0.0001", Max: 1, Tune: &TuneRange{0, 0.999, false}},
	{Name: "beta_1", Type: Real, Default: "0.9", Max: 1, Tune: &TuneRange{1e-6, 0.999, false}},
	{Name: "beta_2", Type: Real, Default: "0.999", Max: 1, Tune: &TuneRange{1e-6, 0.999, false}},
	{Name: "eps", Type: Real, Default: "1e-8", Max: 1, Tune: &TuneRange{1e-8, 1, true}},
	{Name: "gamma", Type: Real, Default: "0.9", Max: 1, Tune: &TuneRange{1e-8, 0.999, false}},
	{Name: "augmentation_type", Type: Choice, Values: []string{"crop", "crop_color", "crop_color_transform"}},
	{Name: "resize", Type: Integer, Min: 1},
	{Name: "use_pretrained_model", Type: Choice, Default: "0", Values: []string{"0", "1"}},
	{Name: "precision_dtype", Type: Choice, Default: "float32", Values: []string{"float32", "float16"}},
	{Name: "multi_label", Type: Choice, Default: "0", Values: []string{"0", "1"}},
	{Name: "use_weighted_loss", Type: Choice, Default: "0", Values: []string{"0", "1"}},
	{Name: "top_k", Type: Integer, Min: 2},
	{Name: "checkpoint_frequency", Type: Integer, Min: 1},
	{Name: "early_stopping", Type: Flag, Default: "False"},
	{Name: "early_stopping_min_epochs", Type: Integer, Default: "10", Min: 1},
	{Name: "early_stopping_patience", Type: Integer, Default: "5", Min: 1},
	{Name: "early_stopping_tolerance", Type: Real, Default: "0.0", Max: 1},
	{Name: "kv_store", Type: Choice, Values: []string{"dist_sync", "dist_async"}},
}

// FindParameter returns a hyperparameter by name.
func FindParameter(name string) (*Parameter, bool) {
	i := slices.IndexFunc(Parameters, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return nil, false
	}
	return &Parameters[i], true
}

// A ParameterError says which hyperparameter cannot be as it is, and why.
type ParameterError struct {
	Name, Value string
	Problem     string
	hint        string
}

// Error names the hyperparameter.
func (e *ParameterError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("hyperparameter %s %s", e.Name, e.Problem)
	}
	return fmt.Sprintf("hyperparameter %s=%s %s", e.Name, e.Value, e.Problem)
}

// Hint says what would be right; it may be empty.
func (e *ParameterError) Hint() string { return e.hint }

// check tells whether a text is one that the hyperparameter may have.
func (p *Parameter) check(text string) error {
	bad := func(problem string, values ...any) error {
		return &ParameterError{Name: p.Name, Value: text, Problem: fmt.Sprintf(problem, values...)}
	}
	switch p.Type {
	case Integer, Real:
		n, err := strconv.ParseFloat(text, 64)
		if _, whole := strconv.Atoi(text); err != nil || p.Type == Integer && whole != nil || n != n {
			return bad("is no number of type %s", p.Type)
		}
		if n < p.Min || p.Max > 0 && n > p.Max {
			return bad("must be %s", p.bounds())
		}
	case Choice:
		if !slices.Contains(p.Values, text) {
			return bad("must be one of %s", strings.Join(p.Values, ", "))
		}
	case Flag:
		if lower := strings.ToLower(text); lower != "true" && lower != "false" {
			return bad("must be true or false")
		}
	case Shape:
		if _, err := parseShape(text); err != nil {
			return bad("%v", err)
		}
	case Steps:
		last := 0
		for field := range strings.SplitSeq(text, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(field))
			if err != nil || n <= last {
				return bad("must be increasing epochs, such as 10,20")
			}
			last = n
		}
	}
	return nil
}

func (p *Parameter) bounds() string {
	if p.Max == 0 {
		return fmt.Sprintf("%v or more", p.Min)
	}
	return fmt.Sprintf("%v to %v", p.Min, p.Max)
}

// parseShape reads CHANNELS,HEIGHT,WIDTH.
func parseShape(text string) (shape [3]int, err error) {
	fields := strings.Split(text, ",")
	if len(fields) != 3 {
		return shape, fmt.Errorf("must be CHANNELS,HEIGHT,WIDTH, such as 3,32,32")
	}
	for i, field := range fields {
		if shape[i], err = strconv.Atoi(strings.TrimSpace(field)); err != nil || shape[i] < 1 {
			return shape, fmt.Errorf("must be CHANNELS,HEIGHT,WIDTH, such as 3,32,32")
		}
	}
	if shape[0] != 1 && shape[0] != 3 {
		return shape, fmt.Errorf("must have 1 or 3 channels")
	}
	return shape, nil
}
