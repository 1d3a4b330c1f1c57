// Package aws talks to AWS: it is the only package that imports the SDK, and translates the SDK's errors at its boundary.
//
// [LoadConfig] finds region and credentials as every AWS tool does. An [Endpoint] answers for pictures, [Captures] lists what data
// capture left in S3.
package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
)

// ErrConfig is wrapped when there is no region or are no credentials.
var ErrConfig = errors.New("no access to AWS")

// ConfigOptions say what the environment does not. The zero value takes all from there.
type ConfigOptions struct {
	Region  string
	Profile string
}

// A Config is where and as whom AWS is called.
type Config struct{ sdk awssdk.Config }

// credentialsTime is how long the chain of credentials may take; its last link asks a machine's metadata service, which is not there
// outside AWS.
const credentialsTime = 15 * time.Second

// LoadConfig takes region, credentials and endpoints from the SDK's default chain: environment variables, the shared files, single
// sign-on, the machine's role. It asks for the credentials once, so that their lack is found before any work is done. Errors wrap
// [ErrConfig] and have a hint.
func LoadConfig(ctx context.Context, o ConfigOptions) (*Config, error) {
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})} // what the SDK would write to standard error
	if o.Region != "" {
		options = append(options, config.WithRegion(o.Region))
	}
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	sdk, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, &configError{"load the AWS configuration", err, "aws configure, or AWS_PROFILE, says which account is meant"}
	}
	if sdk.Region == "" {
		return nil, &configError{"load the AWS configuration", errors.New("no region is set"), "say it with --region or AWS_REGION"}
	}
	ask, cancel := context.WithTimeout(ctx, credentialsTime)
	defer cancel()
	if _, err := sdk.Credentials.Retrieve(ask); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &configError{"find AWS credentials", err, "aws sso login, aws configure, or AWS_PROFILE gives them"}
	}
	return &Config{sdk}, nil
}

// Region is where calls go.
func (c *Config) Region() string { return c.sdk.Region }

// SDK is what the clients of packages below this one are made from.
func (c *Config) SDK() awssdk.Config { return c.sdk.Copy() }

// A configError is what the user can mend outside.
type configError struct {
	doing string
	err   error
	hint  string
}

func (e *configError) Error() string   { return fmt.Sprintf("%s: %v", e.doing, e.err) }
func (e *configError) Unwrap() []error { return []error{ErrConfig, e.err} }
func (e *configError) Hint() string    { return e.hint }
