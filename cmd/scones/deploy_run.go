package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/registry"
	"github.com/scones-unlimited/scones/aws/stack"
)

// runDeploy plans, shows, applies, and asks the endpoint a first question.
func runDeploy(c *cli.Context, o *deployOptions) error {
	exports := o.format == "cloudformation" || o.format == "terraform"
	if err := checkChangeFlags(c); err != nil && !exports {
		return err
	}
	account, err := openAccount(c)
	if err != nil {
		return err
	}
	packed := o.stack.Name + "-model.tar.gz" // which the exported plan names, and somebody else uploads
	if !exports {
		folder, err := os.MkdirTemp("", "scones-deploy-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }() // a temporary copy
		packed = filepath.Join(folder, "model.tar.gz")
	}
	if err := o.find(c, account, packed); err != nil {
		return err
	}
	resources, stacks, err := deployResources(c, account, o)
	if err != nil {
		return err
	}
	options := plan.Options{Name: o.stack.Name, Place: account.Place(), Want: resources, Stacks: stacks, Finders: account.Finders()}
	if exports {
		return exportPlan(c, o.format, account.Region, options)
	}
	p, err := plan.Make(c.Context, options)
	if err != nil {
		return err
	}
	if o.hasBudget {
		if err := p.CheckBudget(o.budget); err != nil {
			return errors.Join(showPlan(c, p), err)
		}
	}
	if _, err := change(c, p); err != nil || c.Bool("dry-run") {
		return err
	}
	if current, err := plan.Make(c.Context, plan.Options{Name: o.stack.Name, Want: resources}); err != nil || !current.Empty() {
		return err // somebody did not agree
	}
	return askSample(c, account, o)
}

// exportPlan writes what is wanted for a tool that makes it itself.
func exportPlan(c *cli.Context, format, region string, o plan.Options) error {
	p, err := plan.FromNothing(o)
	if err != nil {
		return err
	}
	if format == "terraform" {
		return p.WriteTerraform(c.App.Writer, region)
	}
	return p.WriteCloudFormation(c.App.Writer)
}

// deployResources are the endpoint's, and those that flags add.
func deployResources(c *cli.Context, account *stack.Account, o *deployOptions) (resources []plan.Resource, stacks []string, err error) {
	if resources, err = account.EndpointStack(o.stack); err != nil {
		return nil, nil, err
	}
	stacks = append(stacks, stack.EndpointStacks...)
	var endpoint plan.Resource
	for _, r := range resources {
		if r.Kind() == plan.Endpoint {
			endpoint = r
		}
	}
	for _, extra := range deployExtras() {
		if !c.IsSet(extra.flag.Names()[0]) {
			continue
		}
		more, err := extra.resources(c, account, endpoint)
		if err != nil {
			return nil, nil, err
		}
		resources, stacks = append(resources, more...), append(stacks, extra.stacks...)
	}
	return resources, stacks, nil
}

// find settles image and artifact. A model is packed as the file that packed names.
func (o *deployOptions) find(c *cli.Context, account *stack.Account, packed string) (err error) {
	if o.stack.Image == "" {
		images, err := registry.Find(account.Region)
		if err != nil {
			return err
		}
		o.stack.Image, o.stack.Repository = images.Image(), images.RepositoryARN()
	} else if o.stack.Repository, err = account.RepositoryOf(o.stack.Image); err != nil {
		return &usageError{"--image: " + err.Error(), "SageMaker takes images from ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@sha256:…"}
	}
	// The image that knows ONNX is our own, and needs no network.
	o.stack.Isolated = o.model != ""
	switch {
	case o.model != "":
		return o.pack(c, packed)
	case strings.HasPrefix(o.artifact, "s3://"):
		o.stack.Artifact = o.artifact
		return nil
	}
	file, err := stack.OpenFile(o.artifact)
	o.stack.Upload = &file
	return err
}

// pack makes a model.tar.gz of an ONNX file, the same bytes of the same model.
func (o *deployOptions) pack(c *cli.Context, to string) error {
	s, err := openModel(c, o.model)
	if err != nil {
		return err
	}
	o.labels = s.Model.Labels
	files := []stack.Packed{{Name: "model.onnx", Path: s.Path, Data: s.Data}}
	if s.Path != "" {
		for _, side := range s.File.SideFiles() {
			files = append(files, stack.Packed{Name: side, Path: filepath.Join(filepath.Dir(s.Path), side)})
		}
	}
	file, err := stack.Pack(to, files)
	file.Name = "model.tar.gz"
	o.stack.Upload = &file
	return err
}

// parityLine is how the endpoint is compared with this machine.
func (o *deployOptions) parityLine() string {
	local := cmp.Or(o.model, o.artifact)
	if strings.HasPrefix(local, "s3://") {
		local = "model.tar.gz"
	}
	line := fmt.Sprintf("scones parity --local %s --endpoint %s --data photos/", local, o.stack.Name)
	if o.artifact != "" && len(o.labels) > 0 {
		line += " --labels " + strings.Join(o.labels, ",")
	}
	return line
}
