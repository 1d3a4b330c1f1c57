package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/train"
	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/infer/plotfile/learningcurve"
	"github.com/scones-unlimited/scones/model/atomicfile"
	"github.com/scones-unlimited/scones/model/mxnet"
)

// A homecoming follows a job and brings its model home.
type homecoming struct {
	c       *cli.Context
	service *train.Service
	// labels of the classes; nil where the user named none.
	labels []string
	// out is the folder of what is brought home, data the prefix that was trained on; empty where the job has to say it.
	out, data string
	view      *trainView
}

// A trainReport is what scones train --json prints.
type trainReport struct {
	Job    *train.Status `json:"job"`
	Epochs []train.Epoch `json:"epochs"`
	// Best epoch by its validation, with what its pictures allow to say.
	Best     *bestEpoch `json:"best,omitempty"`
	PaidUSD  *float64   `json:"paid_usd,omitempty"`
	Artifact string     `json:"artifact,omitempty"` // files on this machine
	Model    string     `json:"model,omitempty"`
	Curve    string     `json:"curve,omitempty"`
	// Test is the accuracy on the test pictures; TestChose tells that they also chose the epoch.
	Test      *evaluate.Proportion `json:"test,omitempty"`
	TestChose bool                 `json:"test_chose_the_epoch,omitempty"`
	Search    *train.Search        `json:"search,omitempty"`
}

type bestEpoch struct {
	train.Epoch
	Right    int                `json:"right,omitempty"`
	Of       int                `json:"of,omitempty"`
	Interval *evaluate.Interval `json:"interval,omitempty"`
}

// job stays with a training job until it is over.
func (h *homecoming) job(name string) error {
	report, err := h.follow(name)
	if err != nil {
		return err
	}
	return h.bring(report)
}

// follow shows a job while it runs.
func (h *homecoming) follow(name string) (*trainReport, error) {
	status, err := h.service.Describe(h.c.Context, name)
	if err != nil {
		return nil, err
	}
	if h.data == "" && strings.HasSuffix(strings.TrimSuffix(status.Data.Train, "/"), "/train") {
		h.data = strings.TrimSuffix(strings.TrimSuffix(status.Data.Train, "/"), "/train")
	}
	region := regionOf(status.ARN)
	h.view = &trainView{out: h.c.App.Writer, err: h.c.App.ErrWriter, live: isTerminal(h.c.App.ErrWriter), quiet: h.c.Bool("json"), region: region}
	if uri := status.Data.ValidationList; uri != "" {
		if list, err := h.service.List(h.c.Context, uri); err == nil { // else the figure stays without an interval
			h.view.pictures = list.Pictures
		}
	}
	status, curve, err := h.service.Follow(h.c.Context, name, train.FollowOptions{Every: h.c.Duration("poll"), Report: h.view.report})
	h.view.clear()
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(h.c.App.ErrWriter, "scones: %s goes on; %s\n", name, howToGoOn(name))
	}
	if err != nil {
		return nil, err
	}
	if curve.LogError != nil && len(curve.Epochs) == 0 {
		fmt.Fprintf(h.c.App.ErrWriter, "scones: warning: %v\n", curve.LogError)
	}
	return h.report(status, curve), h.ended(status, curve)
}

// regionOf is the fourth field of an ARN.
func regionOf(arn string) string {
	if fields := strings.Split(arn, ":"); len(fields) > 3 {
		return fields[3]
	}
	return ""
}

func (h *homecoming) report(s *train.Status, curve *train.Curve) *trainReport {
	r := &trainReport{Job: s, Epochs: curve.Done(), TestChose: s.Data.ValidationList != "" && strings.HasSuffix(s.Data.ValidationList, "/test.lst")}
	if best := curve.Best(); best != nil {
		r.Best = &bestEpoch{Epoch: *best}
		if i, count, ok := h.view.interval(*best, s); ok {
			r.Best.Right, r.Best.Of, r.Best.Interval = count.Right, count.Of, &i
		}
	}
	if usd, known := trainPaid(s, h.view.region); known {
		r.PaidUSD = &usd
	}
	return r
}

// ended is the error of a job that has nothing to bring home.
func (h *homecoming) ended(s *train.Status, curve *train.Curve) error {
	phase := s.Phase()
	if s.State != train.Failed && s.Artifact != "" { // which is told whether or not there is one
		there, err := h.service.Exists(h.c.Context, s.Artifact)
		if err != nil {
			return err
		}
		if !there {
			s.Artifact = ""
		}
	}
	if s.State != train.Failed && s.Artifact == "" && phase.Name != "MaxWaitTimeExceeded" {
		return &hintedError{fmt.Errorf("the training job %s is over (%s) and left no model below %s", s.Name, s.State, s.Output), "it was stopped before there was one, or it was taken away since"}
	}
	switch {
	case s.State == train.Failed:
		err := fmt.Errorf("the training job %s failed: %s", s.Name, cmp.Or(s.Reason, "the service gives no reason"))
		for _, problem := range curve.Problems {
			if !strings.Contains(s.Reason, problem) {
				err = fmt.Errorf("%w; its log says: %s", err, problem)
				break
			}
		}
		return &hintedError{err, cmp.Or(train.Explain(s.Reason+" "+strings.Join(curve.Problems, " ")), "aws logs tail /aws/sagemaker/TrainingJobs --log-stream-name-prefix "+s.Name+" shows its log")}
	case phase.Name == "MaxRuntimeExceeded":
		fmt.Fprintln(h.c.App.ErrWriter, "scones: warning: the job was stopped when --max-runtime was over; the model is of the best epoch until then")
	case phase.Name == "MaxWaitTimeExceeded":
		return &hintedError{fmt.Errorf("the training job %s found no spot machine in time", s.Name), "a longer --max-wait, another --instance or region, or no --spot"}
	case s.State == train.Stopped:
		fmt.Fprintln(h.c.App.ErrWriter, "scones: warning: the job was stopped; the model is of the best epoch until then")
	}
	return nil
}

// bring fetches, exports and evaluates the model of a job that is over, and says it all in one summary.
func (h *homecoming) bring(r *trainReport) error {
	if err := os.MkdirAll(h.out, 0o755); err != nil {
		return fmt.Errorf("making --out: %w", err)
	}
	if points := h.view.points(r.Job, &train.Curve{Epochs: r.Epochs}); len(points) > 0 {
		r.Curve = filepath.Join(h.out, "curve.png")
		err := writeFile(r.Curve, func(w io.Writer) error { return learningcurve.Write(w, r.Job.Name+": accuracy", points, "png") })
		if err != nil {
			return fmt.Errorf("writing the curve: %w", err)
		}
	}
	err := h.model(r)
	if h.c.Bool("json") {
		return errors.Join(writeJSON(h.c.App.Writer, r), err)
	}
	return errors.Join(h.summary(r), err)
}

// model fetches the artifact, exports it and evaluates it, as far as it gets.
func (h *homecoming) model(r *trainReport) error {
	if h.labels == nil && h.data != "" {
		h.labels = h.storedLabels()
	}
	archive := filepath.Join(h.out, "model.tar.gz")
	if err := h.fetch(r.Job.Artifact, archive); err != nil {
		return err
	}
	r.Artifact = archive
	model := filepath.Join(h.out, "model.onnx")
	args := []string{"export", "--out", model}
	if h.labels != nil {
		names := filepath.Join(h.out, "labels.txt")
		if err := atomicfile.Write(names, []byte(strings.Join(h.labels, "\n")+"\n")); err != nil {
			return err
		}
		args = append(args, "--labels-file", names)
	} else {
		args = append(args, "--labels", strings.Join(numbered(r.Job.Settings.Int("num_classes")), ","))
		fmt.Fprintln(h.c.App.ErrWriter, "scones: warning: nothing names the classes: they are called by their numbers; --labels names them")
	}
	if r.Best != nil && r.Job.Settings["checkpoint_frequency"] != "" { // the artifact holds more than the best epoch
		kept, err := heldEpochs(archive)
		if err != nil {
			return err
		}
		if slices.Contains(kept, r.Best.Number) {
			args = append(args, "--epoch", strconv.Itoa(r.Best.Number))
		}
	}
	if err := h.own(io.Discard, append(args, archive)...); err != nil {
		return err
	}
	r.Model = model
	return h.evaluate(r)
}

// heldEpochs are those of an artifact's checkpoints.
func heldEpochs(archive string) ([]int, error) {
	a, err := mxnet.Open(archive, mxnet.Options{})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	return a.Epochs, nil
}

// maxLabelObject bounds labels.txt in S3.
const maxLabelObject = 1 << 20

// storedLabels are those that scones stage leaves beside the pictures; nil when there are none.
func (h *homecoming) storedLabels() []string {
	text, err := h.service.Picture(h.c.Context, h.data+"/labels.txt")
	if err != nil || len(text) > maxLabelObject {
		return nil
	}
	return strings.Split(strings.TrimRight(strings.ReplaceAll(string(text), "\r", ""), "\n"), "\n")
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("class ", i)
	}
	return names
}

// fetch copies an object into a file, with a bar.
func (h *homecoming) fetch(uri, to string) error {
	file, err := atomicfile.Create(to)
	if err != nil {
		return fmt.Errorf("writing %q: %w", to, err)
	}
	defer file.Close()
	var bar *progressbar.ProgressBar
	err = h.service.Fetch(h.c.Context, file, uri, func(done, total int64) {
		if bar == nil {
			bar = newProgress(h.c.App.ErrWriter, "fetch", total, true)
		}
		_ = bar.Set64(done)
	})
	if err != nil {
		return err
	}
	return file.Commit()
}

// own runs another command of this program in this process.
func (h *homecoming) own(stdout io.Writer, args ...string) error {
	app := newApp(h.c.App.Reader, stdout, h.c.App.ErrWriter)
	return app.RunContext(h.c.Context, permute(app, append([]string{app.Name}, args...)))
}
