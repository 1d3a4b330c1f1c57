package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// askSample sends an endpoint in service its first picture and says what it answers, and how to go on.
func askSample(c *cli.Context, account *stack.Account, o *deployOptions) error {
	w := c.App.Writer
	if c.Bool("json") {
		w = c.App.ErrWriter // standard output holds one JSON object
	}
	fmt.Fprintf(w, "endpoint %s in %s is in service\n", o.stack.Name, account.Region)
	if o.stack.AsyncURI != "" {
		fmt.Fprintf(w, "it answers into %s: aws sagemaker-runtime invoke-endpoint-async --endpoint-name %s --input-location s3://…\n", o.stack.AsyncURI, o.stack.Name)
		return nil
	}
	if !o.noSample {
		if err := o.ask(c); err != nil {
			return &hintedError{fmt.Errorf("ask %s about a first picture: %w", o.stack.Name, err), "the endpoint is in service; scones logs --name " + o.stack.Name + " shows what it says"}
		}
	}
	fmt.Fprintf(w, "compare it with this machine: %s\n", o.parityLine())
	return nil
}

func (o *deployOptions) ask(c *cli.Context) error {
	picture, what := drawnSample(), "a drawn picture"
	if o.sample != "" {
		var err error
		if picture, err = readLimited(o.sample, preprocess.DefaultMaxBytes); err != nil {
			return err
		}
		what = printable(o.sample)
	}
	config, err := awsFromFlags(c)
	if err != nil {
		return err
	}
	began := time.Now()
	scores, err := aws.NewEndpoint(config, o.stack.Name, aws.EndpointOptions{}).Classify(c.Context, picture)
	if err != nil {
		return err
	}
	took := time.Since(began)
	labels := o.labels
	if len(labels) == 0 {
		labels = make([]string, len(scores)) // nobody named the classes
	}
	top, err := (&model.Model{Labels: labels}).Rank(scores, 1)
	if err != nil {
		return err
	}
	w := c.App.Writer
	if c.Bool("json") {
		w = c.App.ErrWriter
	}
	fmt.Fprintf(w, "%s: %s %.4f, %s\n", what, printable(top[0].Label), top[0].Score, milliseconds(took))
	return nil
}

// drawnSample is a small picture that any classifier takes: a wheel on a road.
func drawnSample() []byte {
	const size = 64
	picture := image.NewRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			shade := color.RGBA{210, 225, 240, 255} // sky
			if y > 50 {
				shade = color.RGBA{90, 90, 95, 255} // road
			}
			if d := (x-32)*(x-32) + (y-36)*(y-36); d > 14*14 && d < 18*18 || d < 3*3 {
				shade = color.RGBA{30, 30, 35, 255}
			}
			picture.SetRGBA(x, y, shade)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err) // memory takes everything
	}
	return b.Bytes()
}
