package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/engines"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/transform"
	"github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/preprocess"
)

// runTransform has Batch Transform answer.
func (o *batchOptions) runTransform(c *cli.Context) error {
	config, err := awsFromFlags(c)
	if err != nil {
		return err
	}
	if o.model == "" {
		model, instance, err := transform.Deployed(c.Context, config, o.name)
		if err != nil {
			return err
		}
		o.model, o.instance = model, cmp.Or(o.instance, instance)
	}
	o.instance = cmp.Or(o.instance, defaultBatchInstance)
	b, err := transform.Open(c.Context, config, transform.Options{
		In: o.in, Out: o.out, Model: o.model, Name: cmp.Or(o.name, o.model), IsPicture: preprocess.IsPictureName, Overwrite: o.overwrite,
	})
	if errors.Is(err, transform.ErrOtherBatch) {
		return &hintedError{err, "--overwrite asks for all of it again; another place for the answers keeps both"}
	}
	if err != nil {
		return err
	}
	job, err := b.Running(c.Context)
	if err != nil {
		return err
	}
	if o.stop {
		return o.stopTransform(c, b, job)
	}
	last, err := o.follow(c, config, b, job)
	if err != nil {
		return err
	}
	reasons, otherwise := map[string]string{}, "it has no answer"
	if last != nil {
		reasons = b.Reasons(c.Context, last.Job)
		otherwise = fmt.Sprintf("job %s left no answer", last.Job)
		if last.Reason != "" {
			otherwise += ": " + last.Reason
		}
	}
	meta := result.Meta{Model: o.model, Runtime: "SageMaker Batch Transform", Device: o.instance}
	return o.write(c, meta, o.transformed(b.Answers(c.Context, reasons, otherwise)))
}

// stopTransform ends what runs.
func (o *batchOptions) stopTransform(c *cli.Context, b *transform.Batch, job string) error {
	if job == "" {
		return errors.New("no job of these pictures runs")
	}
	if err := b.Stop(c.Context, job); err != nil {
		return err
	}
	fmt.Fprintf(c.App.ErrWriter, "scones: job %s stops; what it has answered stays\n", job)
	return nil
}

// follow starts a job where there is something to do and none runs, and waits for its end. It is nil where there was nothing to do.
func (o *batchOptions) follow(c *cli.Context, config *aws.Config, b *transform.Batch, job string) (*transform.Progress, error) {
	waiting := len(b.Waiting())
	out := c.App.ErrWriter
	switch {
	case job != "":
		fmt.Fprintf(out, "scones: job %s runs already\n", job)
	case waiting == 0:
		fmt.Fprintf(out, "scones: %s, all answered before\n", counted(len(b.Pictures), "picture"))
		return nil, nil
	default:
		o.expected(out, config.Region(), waiting)
		runs, err := o.ownModel(c, config)
		if err != nil {
			return nil, err
		}
		job, err = b.Start(c.Context, transform.Job{Model: runs, Instance: o.instance, Instances: int32(o.instances), Limit: transform.Limit{Concurrent: int32(o.concurrent)}})
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "scones: job %s: %d of %s on %d × %s\n", job, waiting, counted(len(b.Pictures), "picture"), o.instances, o.instance)
	}
	bar := newProgress(out, "in the cloud", int64(len(b.Pictures)), false)
	last, err := b.Watch(c.Context, job, o.poll, func(p transform.Progress) {
		bar.Describe(p.Status)
		_ = bar.Set(p.Answered)
	})
	_ = bar.Clear()
	if err != nil {
		if c.Context.Err() != nil {
			err = context.Cause(c.Context)
			return nil, &hintedError{err, fmt.Sprintf("job %s runs on; the same command watches it again, with --stop it ends", job)}
		}
		return nil, err
	}
	o.charged(out, config.Region(), last)
	if last.Status != "Completed" && last.Answered == 0 {
		return nil, &hintedError{fmt.Errorf("job %s: %s: %s", job, last.Status, cmp.Or(last.Reason, "no reason is given")), jobHint(last)}
	}
	return last, nil
}

// ownModel makes the model of a deployment that the job runs, under a role that may read the pictures and write the answers. It is empty
// where the deployment did not make its model.
func (o *batchOptions) ownModel(c *cli.Context, config *aws.Config) (string, error) {
	if o.name == "" {
		return "", nil
	}
	account, err := stack.Open(c.Context, config)
	if err != nil {
		return "", err
	}
	deployed, ours, err := account.DeployedModel(c.Context, o.name, o.model)
	if err != nil || !ours {
		return "", err
	}
	model, err := account.BatchModel(deployed, o.in, o.out)
	if err != nil {
		return "", err
	}
	p, err := plan.Make(c.Context, plan.Options{Name: o.name, Place: account.Place(), Want: []plan.Resource{model}})
	if err != nil {
		return "", err
	}
	if !p.Empty() {
		fmt.Fprintf(c.App.ErrWriter, "scones: model %s runs with a role that may read %s and write %s; scones destroy takes both away\n", model.Name(), o.in, o.out)
	}
	return model.Name(), applyPlan(c, p)
}

// jobHint says what can be done about a job that answered nothing.
func jobHint(p *transform.Progress) string {
	if p.Status == "Stopped" {
		return "the same command goes on with what has no answer"
	}
	return fmt.Sprintf("aws logs tail /aws/sagemaker/TransformJobs --log-stream-name-prefix %s shows what the container said", p.Job)
}

// expected says what a job will cost, as far as it is known.
func (o *batchOptions) expected(w io.Writer, region string, pictures int) {
	hourly, unknown := engines.TransformHourly(region, o.instance, o.instances)
	if unknown != "" {
		fmt.Fprintf(w, "scones: what it will cost is not known: %s\n", unknown)
		return
	}
	d := engines.Defaults()
	text := fmt.Sprintf("$%.4g an hour", hourly)
	if o.rate > 0 {
		seconds := d.Idle.Seconds() + float64(pictures)/(o.rate*float64(o.instances))
		text += fmt.Sprintf(", about $%.2f for %s at %v a second and instance", hourly*seconds/3600, counted(pictures, "picture"), o.rate)
	}
	fmt.Fprintf(w, "scones: the instances cost %s, as hosting on them does\n", text)
}

// charged says what a job cost.
func (o *batchOptions) charged(w io.Writer, region string, p *transform.Progress) {
	hours := p.InstanceHours()
	hourly, unknown := engines.TransformHourly(region, p.Instance, 1)
	cost := fmt.Sprintf("about $%.2f", hours*hourly)
	if unknown != "" {
		cost = "at a price that is not known"
	}
	fmt.Fprintf(w, "scones: job %s: %s, %s of instances, %s\n", p.Job, p.Status, time.Duration(hours*float64(time.Hour)).Round(time.Second), cost)
}
