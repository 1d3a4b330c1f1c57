package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/registry"
	"github.com/scones-unlimited/scones/aws/stack"
	"github.com/scones-unlimited/scones/aws/train"
)

// trainAction is scones train.
func trainAction(c *cli.Context) error {
	o, err := trainFromFlags(c)
	if err != nil {
		return err
	}
	if c.Bool("local") {
		return trainLocally(c, o)
	}
	config, err := awsFromFlags(c)
	if err != nil {
		return err
	}
	service := train.NewService(config)
	p, err := remotePlan(c, o, service, config.Region())
	if err != nil {
		return err
	}
	role, err := trainingRole(c, o, config)
	if err != nil {
		return err
	}
	o.job.Tags = plan.Tags(o.name, "training/job")
	if err := p.write(c.App.ErrWriter); err != nil {
		return err
	}
	if role != nil {
		if err := role.WriteTable(c.App.ErrWriter); err != nil {
			return err
		}
	}
	if agreed, err := agreeToTrain(c, p); err != nil || !agreed {
		return err
	}
	if role != nil {
		if err := role.Apply(c.Context, plan.ApplyOptions{}); err != nil {
			fmt.Fprintln(c.App.ErrWriter, "scones: no job was begun; the same command goes on from here")
			return err
		}
	}
	return beginTraining(c, o, service)
}

// trainLocally prints what would run: for people, then as the API takes it.
func trainLocally(c *cli.Context, o *trainOptions) error {
	p, err := localPlan(c, o)
	if err != nil {
		return err
	}
	if err := p.write(c.App.ErrWriter); err != nil {
		return err
	}
	if err := writeAllowed(c.App.ErrWriter, p); err != nil {
		return err
	}
	request := o.job.Request
	if o.ranges != nil {
		request = o.tuning().Request
	}
	data, err := request()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s\n", data)
	return err
}

// writeAllowed prints what the job's role must be allowed, with ACCOUNT for what only AWS knows.
func writeAllowed(w io.Writer, p *trainPlan) error {
	r, err := registry.Find(p.region)
	if err != nil {
		return err
	}
	partition := registry.PartitionOf(p.region).Name
	arn := func(service, object string) string {
		return fmt.Sprintf("arn:%s:%s:%s:ACCOUNT:%s", partition, service, p.region, object)
	}
	allow, err := p.o.job.Allow(partition, r.RepositoryARN(), arn)
	if err != nil {
		return err
	}
	policy := plan.Policy{Name: "scones", Version: plan.PolicyVersion, Statement: allow}
	_, err = fmt.Fprintf(w, "the role may do this alone:\n%s\n", policy.Document())
	return err
}

// trainingRole plans the job's role; nil when one is named.
func trainingRole(c *cli.Context, o *trainOptions, config *aws.Config) (*plan.Plan, error) {
	if o.role != "" {
		return nil, nil
	}
	if err := stack.CheckName(o.name); err != nil {
		return nil, &usageError{"--name: " + err.Error(), ""}
	}
	account, err := stack.Open(c.Context, config)
	if err != nil {
		return nil, err
	}
	r, err := registry.Find(config.Region())
	if err != nil {
		return nil, err
	}
	allow, err := o.job.Allow(account.Partition, r.RepositoryARN(), account.ARN)
	if err != nil {
		return nil, err
	}
	role := account.Role(stack.RoleSpec{
		Deployment: o.name, Part: "training/role", Suffix: "training", Service: "sagemaker.amazonaws.com", Condition: account.FromHere(""), Allow: allow,
	})
	o.job.Role = role.ARN()
	return plan.Make(c.Context, plan.Options{Name: o.name, Place: account.Place(), Want: []plan.Resource{role}})
}

// agreeToTrain asks whether the job may cost what it costs.
func agreeToTrain(c *cli.Context, p *trainPlan) (bool, error) {
	if c.Bool("yes") {
		return true, nil
	}
	question := "train?"
	if p.most() > 0 {
		question = fmt.Sprintf("train for $%.2f at most?", p.most())
	}
	return saysYes(c, question, "nothing was begun")
}

// beginTraining makes the job and stays with it.
func beginTraining(c *cli.Context, o *trainOptions, service *train.Service) error {
	create := func() error { return service.Create(c.Context, &o.job) }
	if o.ranges != nil {
		create = func() error { return service.CreateTuning(c.Context, o.tuning()) }
	}
	if err := create(); err != nil {
		return err
	}
	if c.Bool("detach") {
		fmt.Fprintf(c.App.ErrWriter, "scones: %s runs; %s\n", o.job.Name, howToGoOn(o.job.Name))
		_, err := fmt.Fprintln(c.App.Writer, o.job.Name)
		return err
	}
	home := &homecoming{c: c, service: service, labels: o.labels, out: o.folder(o.job.Name), data: o.data}
	if o.ranges != nil {
		return home.search(o.job.Name)
	}
	return home.job(o.job.Name)
}

// howToGoOn says what can be done with a job that runs.
func howToGoOn(name string) string {
	return fmt.Sprintf("scones train follow %s brings it home, scones train stop %s ends it", name, name)
}

// followTraining is scones train follow.
func followTraining(c *cli.Context) error {
	name, service, err := namedTraining(c)
	if err != nil {
		return err
	}
	home := &homecoming{c: c, service: service, out: c.String("out")}
	if home.labels, err = labelsFromFlags(c); err != nil {
		return err
	}
	if home.out == "" {
		home.out = name
	}
	_, err = service.Describe(c.Context, name)
	if errors.Is(err, train.ErrNoJob) {
		if _, none := service.DescribeTuning(c.Context, name); none == nil {
			return home.search(name)
		}
	}
	if err != nil {
		return err
	}
	return home.job(name)
}

// stopTraining is scones train stop.
func stopTraining(c *cli.Context) error {
	name, service, err := namedTraining(c)
	if err != nil {
		return err
	}
	err = service.Stop(c.Context, name)
	if errors.Is(err, train.ErrNoJob) {
		if service.StopTuning(c.Context, name) == nil {
			err = nil
		}
	}
	if err == nil {
		fmt.Fprintf(c.App.ErrWriter, "scones: %s stops; a job has two minutes to store what it has, which scones train follow %s brings home\n", name, name)
	}
	return err
}

func namedTraining(c *cli.Context) (string, *train.Service, error) {
	if c.NArg() != 1 {
		return "", nil, &usageError{fmt.Sprintf("%d jobs named, want one", c.NArg()), "aws sagemaker list-training-jobs shows what there is"}
	}
	config, err := awsFromFlags(c)
	if err != nil {
		return "", nil, err
	}
	return c.Args().First(), train.NewService(config), nil
}
