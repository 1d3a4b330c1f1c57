package train_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/train"
)

// run is what a job's log holds: two epochs, in both ways that tabs are written, with what else stands there.
const run = `Docker entrypoint called with argument(s): train
[11/25/2026 21:00:00 INFO 140123456789] Reading default configuration from /opt/amazon/lib/python3.8/site-packages/image_classification/default-input.json
[11/25/2026 21:00:01 INFO 140123456789] Creating record files for train.lst
[11/25/2026 21:00:09 INFO 140123456789] Epoch[0] Batch [20]#011Speed: 187.23 samples/sec#011accuracy=0.532738
[11/25/2026 21:00:10 INFO 140123456789] Epoch[0] Train-accuracy=0.604839
[11/25/2026 21:00:10 INFO 140123456789] Epoch[0] Time cost=5.1
[11/25/2026 21:00:11 INFO 140123456789] Epoch[0] Validation-accuracy=0.854167
[11/25/2026 21:00:11 INFO 140123456789] Storing the best model with validation accuracy: 0.854167
[11/25/2026 21:00:11 INFO 140123456789] Saved checkpoint to "/opt/ml/model/image-classification-0001.params"
[11/25/2026 21:00:15 INFO 140123456789] Epoch[1] Batch [20]	Speed: 190.00 samples/sec	accuracy=0.7
[11/25/2026 21:00:16 INFO 140123456789] Epoch[1] Train-accuracy=0.75
[11/25/2026 21:00:16 INFO 140123456789] Epoch[1] Train-top_k_accuracy_2=1.000000
[11/25/2026 21:00:16 INFO 140123456789] Epoch[1] Time cost=5.3
[11/25/2026 21:00:17 INFO 140123456789] Epoch[1] Validation-accuracy=0.830357`

func curveOf(text string) *train.Curve {
	c := new(train.Curve)
	for line := range strings.Lines(text) {
		c.Add(strings.TrimRight(line, "\n"))
	}
	return c
}

func TestCurve(t *testing.T) {
	c := curveOf(run)
	want := []train.Epoch{
		{Number: 1, Train: 0.604839, Validation: 0.854167, Speed: 187.23, Seconds: 5.1, Best: true},
		{Number: 2, Train: 0.75, Validation: 0.830357, Speed: 190, Seconds: 5.3},
	}
	if !reflect.DeepEqual(c.Epochs, want) {
		t.Errorf("epochs are %+v, want %+v", c.Epochs, want)
	}
	if best := c.Best(); best == nil || best.Number != 1 || len(c.Problems) != 0 {
		t.Errorf("the best is %+v, problems %q", best, c.Problems)
	}
	if c.Add("Epoch[2] Batch [20]\tSpeed: 1 samples/sec"); len(c.Done()) != 2 || len(c.Epochs) != 3 {
		t.Errorf("an epoch that began counts as done: %+v", c.Done())
	}
}

// TestCurveRestarts reads a job that was taken off a spot machine in its second epoch.
func TestCurveRestarts(t *testing.T) {
	c := curveOf(run + "\nEpoch[0] Batch [20]\tSpeed: 50 samples/sec\nEpoch[0] Train-accuracy=0.5\nEpoch[0] Validation-accuracy=0.6")
	want := []train.Epoch{{Number: 1, Train: 0.5, Validation: 0.6, Speed: 50, Seconds: -1}}
	if !reflect.DeepEqual(c.Epochs, want) {
		t.Errorf("epochs are %+v, want %+v", c.Epochs, want)
	}
}

// TestCurveTakesAnything reads lines that nobody should write.
func TestCurveTakesAnything(t *testing.T) {
	c := curveOf("Epoch[99999999999999999999] Train-accuracy=1\nEpoch[-1] Train-accuracy=1\nEpoch[5] Train-accuracy=nan\nEpoch[0] \nEpoch[0]\nStoring the best model with validation accuracy: 1\n\x00\xff")
	if len(c.Done()) != 0 {
		t.Errorf("epochs are %+v", c.Epochs)
	}
	if c = curveOf("[x ERROR] Customer Error: num_classes is a required property\nClientError: bad"); len(c.Problems) != 2 || !strings.HasPrefix(c.Problems[0], "Customer Error: num_classes") {
		t.Errorf("problems are %q", c.Problems)
	}
}

func TestCounted(t *testing.T) {
	for _, c := range []struct {
		accuracy        float64
		pictures, batch int
		want            train.Count
		ok              bool
	}{
		{0.854167, 200, 32, train.Count{Right: 164, Of: 192, Pictures: 192}, true}, // whole batches alone
		{0.830357, 200, 32, train.Count{Right: 186, Of: 224, Pictures: 200}, true}, // the first 24 pictures twice
		{0.875, 200, 32, train.Count{Right: 168, Of: 192, Pictures: 192}, true},    // may be either: the fewer
		{0.835, 200, 32, train.Count{Right: 167, Of: 200, Pictures: 200}, true},
		{0.835, 200, 50, train.Count{Right: 167, Of: 200, Pictures: 200}, true},
		{0.96875, 20, 32, train.Count{Right: 31, Of: 32, Pictures: 20}, true},
		{0.123456, 200, 32, train.Count{}, false},
		{1.5, 200, 32, train.Count{}, false},
		{0.5, 0, 32, train.Count{}, false},
	} {
		got, ok := train.Counted(c.accuracy, c.pictures, c.batch)
		if got != c.want || ok != c.ok {
			t.Errorf("Counted(%v, %d, %d) = %+v, %v, want %+v, %v", c.accuracy, c.pictures, c.batch, got, ok, c.want, c.ok)
		}
	}
	if right, of := (train.Count{Right: 186, Of: 224, Pictures: 200}).Different(); right != 166 || of != 200 {
		t.Errorf("Different() = %d of %d", right, of)
	}
}

func TestReadList(t *testing.T) {
	for text, want := range map[string]train.List{
		"0\t0\tbicycle/a.png\n1\t1\tmotorcycle/b.png\n\n2\t0\tc.png\n": {Pictures: 3, Classes: 2, Counts: []int{2, 1}, First: "bicycle/a.png"},
		"0\t1.000000\ta.png\r\n1\t0.000000\tb.png":                     {Pictures: 2, Classes: 2, Counts: []int{1, 1}, First: "a.png"},
		"0\t1\t0\t1\ta.png\n1\t0\t1\t0\tb.png":                         {Pictures: 2, Classes: 3, Counts: []int{1, 1, 1}, MultiLabel: true, First: "a.png"},
	} {
		got, err := train.ReadList("x.lst", strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ReadList(%q) = %+v, %v, want %+v", text, got, err, want)
		}
	}
	for text, problem := range map[string]string{
		"":                                    "it lists no picture",
		"0\t0\ta.png\n1\t2\tb.png":            "no picture is of class 1",
		"0\t0\ta.png\n1\tb.png":               "line 2: it has 2 columns, want 3",
		"0\tbicycle\ta.png":                   `line 1: "bicycle" is no class`,
		"0\t-1\ta.png":                        "is no class",
		"0\t0.5\ta.png":                       "is no class",
		"0\t1e300\ta.png":                     "is no class",
		"0\t0\t":                              "want 3",
		"0 0 a.png":                           "it has 1 columns",
		"0\t0\t2\ta.png":                      `"2" is no class`,
		"0\t0\t" + strings.Repeat("x", 1<<17): "token too long",
	} {
		if _, err := train.ReadList("x.lst", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("ReadList(%.40q): got %v, want %s", text, err, problem)
		}
	}
}

func TestExplain(t *testing.T) {
	for reason, want := range map[string]string{
		"CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.":                   "charged nothing",
		"ClientError: Data download failed:Failed to download data. Access denied to s3://b/train/a.png":                                       "role",
		"ClientError: Data download failed:No S3 objects found under S3 URL \"s3://b/train\" given in input data source.":                      "aws s3 ls",
		"ClientError: Unable to initialize the algorithm. Failed to validate hyperparameters. Caused by: 'num_classes' is a required property": "--local",
		"ClientError: The mini_batch_size is larger than the number of training samples":                                                       "mini_batch_size=N",
		"AlgorithmError: Out of memory: cudaMalloc failed, exit code: 2":                                                                       "GPU's memory",
		"InternalServerError: We encountered an internal error. Please try again.":                                                             "run the same command again",
		"AlgorithmError: framework error, exit code: 1":                                                                                        "log lines",
		"ClientError: Artifact upload failed:Error 7: The credentials received are invalid":                                                    "--output",
	} {
		if got := train.Explain(reason); !strings.Contains(got, want) {
			t.Errorf("Explain(%q) = %q, want %q in it", reason, got, want)
		}
	}
	if got := train.Explain("something new"); got != "" {
		t.Errorf("Explain of what is not known = %q", got)
	}
}
