package train_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/train"
)

// base is the least that the algorithm needs.
func base(more ...string) train.Settings {
	s, err := train.Parse(append([]string{"num_classes=2", "num_training_samples=1000", "image_shape=3,32,32"}, more...))
	if err != nil {
		panic(err)
	}
	return s
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		settings train.Settings
		problem  string // empty for none
		warning  string
	}{
		"defaults":             {base(), "", ""},
		"all kinds":            {base("epochs=30", "learning_rate=1e-3", "optimizer=nag", "momentum=0.5", "lr_scheduler_step=10,20", "augmentation_type=crop", "early_stopping=True"), "", ""},
		"unknown":              {base("learn_rate=0.1"), "learn_rate is not known", ""},
		"no number":            {base("epochs=many"), "epochs=many is no number of type integer", ""},
		"not whole":            {base("epochs=1.5"), "epochs=1.5 is no number of type integer", ""},
		"NaN":                  {base("learning_rate=NaN"), "learning_rate=NaN", ""},
		"too small":            {base("epochs=0"), "epochs=0 must be 1 or more", ""},
		"too large":            {base("learning_rate=2"), "learning_rate=2 must be 0 to 1", ""},
		"no choice":            {base("optimizer=lbfgs"), "must be one of sgd, adam, rmsprop, nag", ""},
		"depth":                {base("num_layers=19"), "num_layers=19 must be one of", ""},
		"flag":                 {base("early_stopping=1"), "must be true or false", ""},
		"steps back":           {base("lr_scheduler_step=20,10"), "must be increasing epochs", ""},
		"steps beyond":         {base("epochs=15", "lr_scheduler_step=10,20"), "goes beyond the 15 epochs", ""},
		"batch":                {base("mini_batch_size=1001"), "is more than the 1000 training pictures", ""},
		"pretrained size":      {base("use_pretrained_model=1"), "needs image_shape 3,224,224", ""},
		"pretrained depth":     {train.Settings{"num_classes": "2", "num_training_samples": "99", "use_pretrained_model": "1", "num_layers": "20"}, "has no pretrained weights", ""},
		"resize":               {base("resize=32"), "must be larger than both sides", ""},
		"top_k":                {base("top_k=2"), "must be less than the 2 classes", ""},
		"weighted":             {base("use_weighted_loss=1"), "needs multi_label=1", ""},
		"checkpoints":          {base("checkpoint_frequency=31"), "is more than the 30 epochs", ""},
		"one machine":          {base("kv_store=dist_sync"), "is for two machines", ""},
		"classes missing":      {train.Settings{"num_training_samples": "10"}, "num_classes is required", ""},
		"unused by optimizer":  {base("optimizer=adam", "momentum=0.9"), "", "momentum has no effect with optimizer=adam"},
		"unused without stop":  {base("early_stopping_patience=3"), "", "has no effect without early_stopping=true"},
		"shallow for 32 by 32": {base("num_layers=20"), "", "may refuse 32 × 32"},
	} {
		t.Run(name, func(t *testing.T) {
			warnings, err := c.settings.Check(1)
			if c.problem != "" {
				if failure, ok := errors.AsType[*train.ParameterError](err); !ok || !strings.Contains(failure.Error(), c.problem) {
					t.Errorf("got %v, want %s", err, c.problem)
				}
				return
			}
			if all := strings.Join(warnings, "; "); err != nil || (c.warning == "") != (all == "") || !strings.Contains(all, c.warning) {
				t.Errorf("got %q, %v, want the warning %q", all, err, c.warning)
			}
		})
	}
}

// TestDefaults holds the table's own defaults against its rules.
func TestDefaults(t *testing.T) {
	s := base()
	for _, p := range train.Parameters {
		if _, set := s[p.Name]; p.Default != "" && !set {
			s[p.Name] = p.Default
		}
	}
	if _, err := s.Check(1); err != nil {
		t.Error(err)
	}
}

func TestHints(t *testing.T) {
	_, err := base("learning_rat=0.1").Check(1)
	if failure, ok := errors.AsType[*train.ParameterError](err); !ok || failure.Hint() != "did you mean learning_rate?" {
		t.Errorf("got %v", err)
	}
}

func TestParseRanges(t *testing.T) {
	got, err := train.ParseRanges([]string{"learning_rate=1e-4:0.1", "mini_batch_size=16:64", "optimizer=sgd,adam", "momentum=0:0.9"})
	if err != nil || len(got) != 4 || !got[0].Log || !got[1].Integer || len(got[2].Values) != 2 || got[3].Log {
		t.Errorf("got %+v, %v", got, err)
	}
	for text, problem := range map[string]string{
		"learning_rate=0.1":        "is no range",
		"learning_rate=0.1:0.001":  "is no range",
		"learning_rate=0.1:1":      "must lie between 1e-06 and 0.5",
		"mini_batch_size=8.5:16":   "must be whole numbers",
		"optimizer=sgd,lbfgs":      "must be one of",
		"epochs=10:20":             "cannot be tuned",
		"momentums=0.1:0.2":        "is not known",
		"learning_rate=NaN:0.1":    "is no range",
		"learning_rate=1e-4:0.1:1": "is no range",
	} {
		if _, err := train.ParseRanges([]string{text}); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: got %v, want %s", text, err, problem)
		}
	}
}
