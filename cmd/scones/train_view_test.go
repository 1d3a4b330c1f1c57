package main

import (
	"bytes"
	"testing"

	"github.com/scones-unlimited/scones/aws/train"
)

// TestTrainRows shows epochs of 200 validation pictures in batches of 32, of which the algorithm counts 192, or 224 with 24 twice.
func TestTrainRows(t *testing.T) {
	curve := new(train.Curve)
	for _, line := range []string{
		"Epoch[0] Batch [20]#011Speed: 187.23 samples/sec#011accuracy=0.532738", "Epoch[0] Train-accuracy=0.604839", "Epoch[0] Time cost=5.1", "Epoch[0] Validation-accuracy=0.854167",
		"Epoch[1] Train-accuracy=0.75", "Epoch[1] Validation-accuracy=0.830357",
		"Epoch[2] Train-accuracy=0.76", "Epoch[2] Validation-accuracy=0.123456",
		"Epoch[3] Batch [20]#011Speed: 187.23 samples/sec",
	} {
		curve.Add(line)
	}
	var out, stderr bytes.Buffer
	v := &trainView{out: &out, err: &stderr, region: "us-east-1", pictures: 200}
	status := &train.Status{State: train.Running, Settings: train.Settings{"epochs": "5"}, Phases: []train.Phase{{Name: "Training"}}, Instance: "ml.g4dn.xlarge", Instances: 1, Billed: 3600}
	v.report(status, curve)
	v.report(status, curve)
	if line, want := v.line(status, curve), "Training, epoch 3 of 5, about 10s left, best 0.8542 in epoch 1, $0.74"; line != want {
		t.Errorf("the line is %q, want %q", line, want)
	}
	status.State = train.Completed
	v.report(status, curve)
	want := "" +
		"EPOCH     TRAIN  VALIDATION                95 %              PICTURES/S  SECONDS\n" +
		"    1    0.6048  0.8542 (164 of 192)       0.7973 to 0.8971       187.2      5.1\n" +
		"    2    0.7500  0.8304 (186 of 224)       0.7718 to 0.8757\n" +
		"    3    0.7600  0.1235\n"
	if out.String() != want || stderr.Len() > 0 {
		t.Errorf("the rows are\n%s\nwant\n%s%s", &out, want, &stderr)
	}
}
