// Package repository finds or makes a repository in an account's image registry (ECR), and logs in to it.
package repository

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"github.com/scones-unlimited/scones/aws"
)

// A Repository is where images can be pushed to.
type Repository struct {
	// Address is HOST/NAME, as image references begin.
	Address string
	// User and Password of the registry. The password is good for twelve hours and opens every repository that the caller may use.
	User, Password string
	// Created tells that it was not there before.
	Created bool
}

// api are the operations of the SDK that are used.
type api interface {
	GetAuthorizationToken(context.Context, *ecr.GetAuthorizationTokenInput, ...func(*ecr.Options)) (*ecr.GetAuthorizationTokenOutput, error)
	DescribeRepositories(context.Context, *ecr.DescribeRepositoriesInput, ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error)
	CreateRepository(context.Context, *ecr.CreateRepositoryInput, ...func(*ecr.Options)) (*ecr.CreateRepositoryOutput, error)
}

// callTime bounds each call, its repetitions included.
const callTime = time.Minute

// Tags of a repository that is made here.
var tags = []types.Tag{{Key: awssdk.String("scones:part"), Value: awssdk.String("image")}}

// Open finds a repository of the caller's account and region by name, or makes it: a tag never changes in it, images are
// scanned when they are pushed, and only the account may pull. Then it logs in. Errors are [*Error], or ctx's.
func Open(ctx context.Context, c *aws.Config, name string) (Repository, error) {
	return open(ctx, ecr.NewFromConfig(c.SDK()), name)
}

func open(ctx context.Context, client api, name string) (Repository, error) {
	r, err := find(ctx, client, name)
	if err != nil {
		return r, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := client.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return r, translate("log in to the registry", err, "ecr:GetAuthorizationToken on *")
	}
	if len(out.AuthorizationData) == 0 {
		return r, &Error{"log in to the registry", errors.New("the service gave no token"), ""}
	}
	token, err := base64.StdEncoding.DecodeString(awssdk.ToString(out.AuthorizationData[0].AuthorizationToken))
	if err != nil {
		return r, &Error{"log in to the registry", errors.New("the token is not base64"), ""}
	}
	var ok bool
	if r.User, r.Password, ok = strings.Cut(string(token), ":"); !ok {
		return r, &Error{"log in to the registry", errors.New("the token is no user and password"), ""}
	}
	return r, nil
}

func find(ctx context.Context, client api, name string) (Repository, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	found, err := client.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if err == nil && len(found.Repositories) == 1 {
		return Repository{Address: awssdk.ToString(found.Repositories[0].RepositoryUri)}, nil
	}
	if _, absent := errors.AsType[*types.RepositoryNotFoundException](err); err != nil && !absent {
		return Repository{}, translate(fmt.Sprintf("look for the repository %q", name), err, "ecr:DescribeRepositories on the repository")
	}
	made, err := client.CreateRepository(ctx, &ecr.CreateRepositoryInput{
		RepositoryName:             &name,
		ImageTagMutability:         types.ImageTagMutabilityImmutable,
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
		EncryptionConfiguration:    &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeAes256},
		Tags:                       tags,
	})
	if _, raced := errors.AsType[*types.RepositoryAlreadyExistsException](err); raced {
		return find(ctx, client, name) // somebody made it meanwhile
	}
	if err != nil {
		return Repository{}, translate(fmt.Sprintf("make the repository %q", name), err, "ecr:CreateRepository and ecr:TagResource on the repository")
	}
	return Repository{Address: awssdk.ToString(made.Repository.RepositoryUri), Created: true}, nil
}

// At moves a repository to a registry at another address, as stand-ins for AWS need.
func (r Repository) At(host string) Repository {
	_, name, _ := strings.Cut(r.Address, "/")
	if at, err := url.Parse(host); err == nil && at.Host != "" {
		host = at.Host
	}
	r.Address = strings.TrimSuffix(host, "/") + "/" + name
	return r
}

// An Error is what the registry's service said.
type Error struct {
	Doing string
	Err   error
	hint  string
}

// Error says what was being done.
func (e *Error) Error() string { return e.Doing + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what the user can do; it may be empty.
func (e *Error) Hint() string { return e.hint }

func translate(doing string, err error, right string) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	e := &Error{Doing: doing, Err: err}
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		e.Err = fmt.Errorf("%s: %s", answer.ErrorCode(), answer.ErrorMessage())
		switch answer.ErrorCode() {
		case "AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "InvalidSignatureException":
			e.hint = "the caller needs " + right
		case "InvalidParameterException":
			e.hint = "names are lower-case letters, digits and . _ - / in between, 2 to 256 in all"
		case "LimitExceededException":
			e.hint = "the account has as many repositories as it may; raise the quota in Service Quotas, or name one that is there"
		}
	}
	return e
}
