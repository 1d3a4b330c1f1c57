package train

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Settings are hyperparameters that were chosen; the others stay as the algorithm has them.
type Settings map[string]string

// Value is what a hyperparameter will be: as chosen, or the algorithm's default; empty for neither.
func (s Settings) Value(name string) string {
	if value, chosen := s[name]; chosen {
		return value
	}
	if p, known := FindParameter(name); known {
		return p.Default
	}
	return ""
}

// Int is a whole number's value, 0 for none.
func (s Settings) Int(name string) int {
	n, _ := strconv.Atoi(s.Value(name))
	return n
}

// Parse reads NAME=VALUE.
func Parse(texts []string) (Settings, error) {
	s := Settings{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok || value == "" {
			return nil, &ParameterError{Name: text, Problem: "has no value", hint: "such as epochs=30"}
		}
		if _, twice := s[name]; twice {
			return nil, &ParameterError{Name: name, Value: value, Problem: "is there twice"}
		}
		s[name] = value
	}
	return s, nil
}

// Check holds every chosen hyperparameter against its type and range, and all of them against each other, as the algorithm does when it
// starts, minutes later and for money. hosts is the number of machines. The warnings are what the algorithm takes but nobody can mean.
// Errors are [*ParameterError].
func (s Settings) Check(hosts int) (warnings []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		p, known := FindParameter(name)
		if !known {
			return nil, &ParameterError{Name: name, Problem: "is not known to the algorithm", hint: nearest(name)}
		}
		if err := p.check(s[name]); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"num_classes", "num_training_samples"} {
		if s[name] == "" {
			return nil, &ParameterError{Name: name, Problem: "is required", hint: "it is counted in the training list, or said with --set " + name + "=N"}
		}
	}
	for _, rule := range rules {
		if problem := rule.broken(s, hosts); problem != "" {
			return nil, &ParameterError{Name: rule.name, Value: s.Value(rule.name), Problem: problem, hint: rule.hint}
		}
	}
	return s.warnings(), nil
}

// A rule binds hyperparameters to each other.
type rule struct {
	name string
	// broken says what is wrong; empty for nothing.
	broken func(s Settings, hosts int) string
	hint   string
}

var rules = []rule{
	{"mini_batch_size", func(s Settings, _ int) string {
		if s.Int("mini_batch_size") > s.Int("num_training_samples") {
			return fmt.Sprintf("is more than the %s training pictures", s.Value("num_training_samples"))
		}
		return ""
	}, "--set mini_batch_size=N with a smaller N"},
	{"use_pretrained_model", func(s Settings, _ int) string {
		shape, _ := parseShape(s.Value("image_shape"))
		if s.Value("use_pretrained_model") == "1" && (shape[1] != 224 || shape[2] != 224) {
			return "needs image_shape 3,224,224, which the pretrained weights were made for"
		}
		return ""
	}, "--set image_shape=3,224,224; pictures must be at least that large"},
	{"num_layers", func(s Settings, _ int) string {
		if s.Value("use_pretrained_model") == "1" && small(s.Int("num_layers")) {
			return "has no pretrained weights; those are for 18, 34, 50, 101, 152 and 200"
		}
		return ""
	}, ""},
	{"resize", func(s Settings, _ int) string {
		shape, _ := parseShape(s.Value("image_shape"))
		if s["resize"] != "" && s.Int("resize") <= max(shape[1], shape[2]) {
			return fmt.Sprintf("must be larger than both sides of image_shape, %s", s.Value("image_shape"))
		}
		return ""
	}, ""},
	{"lr_scheduler_step", func(s Settings, _ int) string {
		steps := strings.Split(s["lr_scheduler_step"], ",")
		if last, err := strconv.Atoi(strings.TrimSpace(steps[len(steps)-1])); err == nil && last > s.Int("epochs") {
			return fmt.Sprintf("goes beyond the %s epochs", s.Value("epochs"))
		}
		return ""
	}, ""},
	{"checkpoint_frequency", func(s Settings, _ int) string {
		if s.Int("checkpoint_frequency") > s.Int("epochs") {
			return fmt.Sprintf("is more than the %s epochs", s.Value("epochs"))
		}
		return ""
	}, ""},
	{"top_k", func(s Settings, _ int) string {
		if s["top_k"] != "" && s.Int("top_k") >= s.Int("num_classes") {
			return fmt.Sprintf("must be less than the %s classes", s.Value("num_classes"))
		}
		return ""
	}, ""},
	{"use_weighted_loss", func(s Settings, _ int) string {
		if s.Value("use_weighted_loss") == "1" && s.Value("multi_label") != "1" {
			return "needs multi_label=1"
		}
		return ""
	}, ""},
	{"kv_store", func(s Settings, hosts int) string {
		if s["kv_store"] != "" && hosts < 2 {
			return "is for two machines and more"
		}
		return ""
	}, "leave it out, or say --instances 2"},
}

// small tells the depths that are meant for pictures of 28 × 28 pixels.
func small(layers int) bool { return slices.Contains([]int{20, 32, 44, 56, 110}, layers) }

// unused are hyperparameters that only some optimizers look at.
var unused = map[string][]string{
	"momentum": {"sgd", "nag"}, "beta_1": {"adam"}, "beta_2": {"adam"}, "eps": {"adam", "rmsprop"}, "gamma": {"rmsprop"},
}

func (s Settings) warnings() []string {
	var said []string
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		if _, chosen := s[name]; chosen && !slices.Contains(unused[name], s.Value("optimizer")) {
			said = append(said, fmt.Sprintf("%s has no effect with optimizer=%s", name, s.Value("optimizer")))
		}
	}
	for _, name := range []string{"early_stopping_min_epochs", "early_stopping_patience", "early_stopping_tolerance"} {
		if _, chosen := s[name]; chosen && !strings.EqualFold(s.Value("early_stopping"), "true") {
			said = append(said, name+" has no effect without early_stopping=true")
		}
	}
	shape, _ := parseShape(s.Value("image_shape"))
	switch layers := s.Int("num_layers"); {
	case small(layers) && shape[1] > 28:
		said = append(said, fmt.Sprintf("num_layers=%d is meant for pictures of up to 28 × 28 pixels; the algorithm may refuse %d × %d", layers, shape[2], shape[1]))
	case !small(layers) && shape[1] <= 28:
		said = append(said, fmt.Sprintf("num_layers=%d is meant for larger pictures than %d × %d; take 20, 32, 44, 56 or 110", layers, shape[2], shape[1]))
	}
	return said
}

// nearest suggests a name for one that is not known: the one with the longest common beginning or end.
func nearest(name string) string {
	best, most := "", 2
	for _, p := range Parameters {
		same := 0
		for same < min(len(name), len(p.Name)) && name[same] == p.Name[same] {
			same++
		}
		for tail := 1; tail <= min(len(name), len(p.Name)) && name[len(name)-tail] == p.Name[len(p.Name)-tail]; tail++ {
			same = max(same, tail)
		}
		if same > most {
			best, most = p.Name, same
		}
	}
	if best == "" {
		return "scones train --help lists them"
	}
	return "did you mean " + best + "?"
}
