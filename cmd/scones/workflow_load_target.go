package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stepfunctions"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/infer/load"
	"github.com/scones-unlimited/scones/preprocess"
)

// A loadTarget is what executions run on.
type loadTarget struct {
	name   string
	inputs [][]byte
	do     func(ctx context.Context, name string, input int) (load.Outcome, error)
	meter  *loadMeter
	costs  bool // running it costs money
	close  func()
}

// openLocalLoad is the state machine on this machine.
func openLocalLoad(c *cli.Context) (*loadTarget, error) {
	folder := c.String("data")
	keys, err := pictureKeys(c.Context, folder)
	if err != nil {
		return nil, err
	}
	machine, _, err := newLocalMachine(c)
	if err != nil {
		return nil, err
	}
	store, err := openFolderStore(folder)
	if err != nil {
		return nil, err
	}
	store.whole = true
	machine.store = store
	closeMachine, _, err := machine.prepare(c)
	if err != nil {
		return nil, err
	}
	region := c.String("region")
	if region == "" {
		region = "us-east-1"
	}
	meter, err := newLoadMeter(c, region, "on this machine")
	if err != nil {
		closeMachine()
		return nil, err
	}
	t := &loadTarget{
		name: "the state machine on this machine, model " + machine.name, close: closeMachine, meter: meter,
		costs: c.String("endpoint") != "" && !isURL(c.String("endpoint")),
	}
	for _, key := range keys {
		t.inputs = append(t.inputs, pictureEvent(folder, key))
	}
	t.do = func(ctx context.Context, _ string, input int) (load.Outcome, error) {
		e, _, err := machine.execute(ctx, t.inputs[input], nil)
		if err != nil {
			return load.Outcome{}, err
		}
		o := load.Outcome{Took: e.Stop.Sub(e.Start)}
		if e.Error != nil {
			o.Error = e.Error.Name
		}
		price := t.meter.add(e.History)
		if t.costs {
			o.Price = price
		}
		return o, nil
	}
	return t, nil
}

// sampledHistories is how many executions of the cloud have their history read, for the price: reading one may be asked for often, but
// not as often as starting one.
const sampledHistories = 20

// openCloudLoad is a state machine in the cloud.
func openCloudLoad(c *cli.Context) (*loadTarget, error) {
	arn := c.String("arn")
	region := strings.Split(arn, ":")[3]
	config, err := aws.LoadConfig(c.Context, aws.ConfigOptions{Region: region, Profile: c.String("profile")})
	if err != nil {
		return nil, err
	}
	inputs, err := cloudInputs(c, config)
	if err != nil {
		return nil, err
	}
	machine := stepfunctions.Open(config, arn)
	description, err := machine.Describe(c.Context)
	if err != nil {
		return nil, err
	}
	if description.Type != "STANDARD" {
		return nil, fmt.Errorf("%s is %s: executions of standard state machines alone can be listed", arn, description.Type)
	}
	meter, err := newLoadMeter(c, region, fmt.Sprintf("in the histories of up to %d executions", sampledHistories))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(c.Context)
	collector := machine.Collect(ctx)
	t := &loadTarget{name: arn, inputs: inputs, close: cancel, costs: true, meter: meter}
	var read atomic.Int64
	t.do = func(ctx context.Context, name string, input int) (load.Outcome, error) {
		e, accepted, err := collector.Run(ctx, name, t.inputs[input])
		if err != nil {
			return load.Outcome{}, err
		}
		o := load.Outcome{Accepted: accepted, Took: e.Stop.Sub(e.Start)}
		if e.Status != asl.Succeeded {
			if o.Error = e.Error; o.Error == "" {
				o.Error = string(e.Status)
			}
		}
		if read.Add(1) <= sampledHistories {
			if history, err := machine.History(ctx, e.ARN, 0); err == nil { // the load is not about it
				o.Price = t.meter.add(history)
				return o, nil
			}
		}
		o.Price = t.meter.estimate()
		return o, nil
	}
	return t, nil
}

// pictureKeys are the pictures of a folder by their paths in it.
func pictureKeys(ctx context.Context, folder string) ([]string, error) {
	var keys []string
	for image, err := range preprocess.Folder(ctx, folder, nil) {
		if err != nil {
			return nil, err
		}
		key, err := filepath.Rel(folder, image.Name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, filepath.ToSlash(key))
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%q holds no picture to draw", folder)
	}
	return keys, nil
}

// cloudInputs are the events for pictures in S3.
func cloudInputs(c *cli.Context, config *aws.Config) ([][]byte, error) {
	data := c.String("data")
	var inputs [][]byte
	if !strings.HasPrefix(data, "s3://") {
		keys, err := pictureKeys(c.Context, data)
		if err != nil {
			return nil, err
		}
		bucket, prefix, err := objectsFromFlags(c)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			inputs = append(inputs, pictureEvent(bucket, prefix+key))
		}
		return inputs, nil
	}
	for object, err := range aws.Keys(c.Context, config, data) {
		if err != nil {
			return nil, err
		}
		if preprocess.IsPictureName(object.Key) {
			inputs = append(inputs, pictureEvent(object.Bucket, object.Key))
		}
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%s holds no picture to draw", data)
	}
	return inputs, nil
}
