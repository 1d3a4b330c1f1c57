package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// A localSide is the model on this machine.
type localSide struct {
	*infer.Classifier
	session *infer.Session
	options infer.SessionOptions
	source  *source.Source
}

func (l *localSide) close() { _ = l.session.Close() } // the process ends; there is nothing left to lose

// openLocal opens the model of --local, and says what it is.
func openLocal(c *cli.Context, o *parityOptions) (*localSide, *parity.Meta, error) {
	device, err := infer.ParseDevice(c.String("device"))
	if err != nil {
		return nil, nil, &usageError{"--device: " + err.Error(), ""}
	}
	if err := checkPlanFlags(c); err != nil {
		return nil, nil, err
	}
	runtimeLibrary := seekRuntime(c, device)
	s, err := openModel(c, c.String("local"))
	if err != nil {
		return nil, nil, err
	}
	library, err := runtimeLibrary()
	if err != nil {
		return nil, nil, err
	}
	local, err := newSide(c, s, library, device, o.limits)
	if err != nil {
		return nil, nil, err
	}
	info := local.session.Info()
	sayFallback(c, info)
	return local, &parity.Meta{
		Scones: buildInfo().version, Local: s.Name, LocalSHA: s.SHA256, Contract: s.Model.ContractHash(),
		Runtime: "onnxruntime " + info.Library.Version, Device: string(info.Device), Decoder: preprocess.Decoder(),
	}, nil
}

func newSide(c *cli.Context, s *source.Source, library ort.Library, device infer.Device, limits preprocess.Limits) (*localSide, error) {
	options := infer.SessionOptions{Library: library, Device: device}
	classifier, session, err := newClassifier(c.Context, s, options, limits)
	if err != nil {
		return nil, err
	}
	return &localSide{classifier, session, options, s}, nil
}

// An otherSide is what the local side is compared with.
type otherSide struct {
	classifier parity.Classifier // nil where answers are recorded
	rows       *recordedRows     // of --against a file of rows
	says       string
	calls      bool // somebody may be paid for each picture
	config     *aws.Config
	close      func()
}

func openOther(c *cli.Context, o *parityOptions, local *localSide) (*otherSide, error) {
	other := &otherSide{close: func() {}}
	var err error
	switch {
	case o.captures != "":
		other.says = "captures " + o.captures
		if _, _, s3 := aws.ParseS3(o.captures); s3 {
			other.config, err = aws.LoadConfig(c.Context, aws.ConfigOptions{Region: o.region, Profile: o.profile})
		}
	case o.endpoint != "" && isURL(o.endpoint):
		other.calls, other.says = true, o.endpoint
		other.classifier, err = parity.NewHTTP(o.endpoint, parity.HTTPOptions{ContentType: o.contentType, MaxPayload: o.maxPayload, Timeout: o.timeout})
		if err != nil {
			err = &usageError{"--endpoint: " + err.Error(), ""}
		}
	case o.endpoint != "":
		other.calls = true
		if other.config, err = aws.LoadConfig(c.Context, aws.ConfigOptions{Region: o.region, Profile: o.profile}); err != nil {
			return nil, err
		}
		other.says = fmt.Sprintf("endpoint %s in %s", o.endpoint, other.config.Region())
		if o.variant != "" {
			other.says += ", variant " + o.variant
		}
		other.classifier = aws.NewEndpoint(other.config, o.endpoint, aws.EndpointOptions{Variant: o.variant, ContentType: o.contentType, MaxPayload: o.maxPayload, Timeout: o.timeout})
	case strings.EqualFold(filepath.Ext(o.against), ".jsonl"):
		other.says = "rows " + o.against
		other.rows, err = readRecordedRows(o.against, local.Model)
	default:
		err = other.openModel(c, o, local)
	}
	if err != nil {
		return nil, err
	}
	return other, nil
}

// openModel opens --against. The flags about preprocessing are the local side's; a model is compared as it is.
func (other *otherSide) openModel(c *cli.Context, o *parityOptions, local *localSide) error {
	s, err := openAsItIs(c, o.against)
	if err != nil {
		return err
	}
	side, err := newSide(c, s, local.options.Library, local.options.Device, o.limits)
	if err != nil {
		return err
	}
	other.classifier, other.close = side.Classifier, side.close
	other.says = fmt.Sprintf("model %s (%.12s, contract %.12s)", s.Name, s.SHA256, s.Model.ContractHash())
	return nil
}

// openAsItIs opens a model without the flags about preprocessing. An artifact has no labels of its own, so --labels are its too.
func openAsItIs(c *cli.Context, name string) (*source.Source, error) {
	labels, err := labelsFromFlags(c)
	if err != nil {
		return nil, err
	}
	s, err := source.Open(c.Context, name, source.Options{})
	if err != nil && len(labels) > 0 {
		s, err = source.Open(c.Context, name, source.Options{Labels: labels})
	}
	return s, err
}
