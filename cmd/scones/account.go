package main

import (
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/stack"
)

// accountFlags say where and as whom AWS is called.
func accountFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "region", Usage: "AWS `REGION` (default: that of the environment)"},
		&cli.StringFlag{Name: "profile", Usage: "AWS `PROFILE` of the shared configuration"},
	}
}

// deploymentFlag names a deployment.
func deploymentFlag() cli.Flag {
	return &cli.StringFlag{Name: "name", Value: defaultDeployment, Usage: "the deployment's `NAME`, with which the names of its objects begin"}
}

const defaultDeployment = "scones"

// openAccount asks AWS who the caller is.
func openAccount(c *cli.Context) (*stack.Account, error) {
	config, err := awsFromFlags(c)
	if err != nil {
		return nil, err
	}
	return stack.Open(c.Context, config)
}
