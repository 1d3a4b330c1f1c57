package repository

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
)

// A service answers as ECR does, with errors put in.
type service struct {
	there                  bool
	token                  string
	describe, create, auth error
	made                   *ecr.CreateRepositoryInput
}

const host = "123456789012.dkr.ecr.us-east-1.amazonaws.com/"

func (s *service) GetAuthorizationToken(context.Context, *ecr.GetAuthorizationTokenInput, ...func(*ecr.Options)) (*ecr.GetAuthorizationTokenOutput, error) {
	token := base64.StdEncoding.EncodeToString([]byte(s.token))
	return &ecr.GetAuthorizationTokenOutput{AuthorizationData: []types.AuthorizationData{{AuthorizationToken: &token}}}, s.auth
}

func (s *service) DescribeRepositories(_ context.Context, in *ecr.DescribeRepositoriesInput, _ ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error) {
	if s.describe != nil {
		return nil, s.describe
	}
	if !s.there {
		return nil, &types.RepositoryNotFoundException{}
	}
	return &ecr.DescribeRepositoriesOutput{Repositories: []types.Repository{{RepositoryUri: awssdk.String(host + in.RepositoryNames[0])}}}, nil
}

func (s *service) CreateRepository(_ context.Context, in *ecr.CreateRepositoryInput, _ ...func(*ecr.Options)) (*ecr.CreateRepositoryOutput, error) {
	s.made = in
	s.there = true
	if s.create != nil {
		return nil, s.create
	}
	return &ecr.CreateRepositoryOutput{Repository: &types.Repository{RepositoryUri: awssdk.String(host + *in.RepositoryName)}}, nil
}

func TestOpen(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	for name, c := range map[string]struct {
		s     service
		want  Repository
		error string
		hint  string
	}{
		"found":          {service{there: true, token: "AWS:secret"}, Repository{host + "scones", "AWS", "secret", false}, "", ""},
		"made":           {service{token: "AWS:se:cret"}, Repository{host + "scones", "AWS", "se:cret", true}, "", ""},
		"made meanwhile": {service{token: "AWS:secret", create: &types.RepositoryAlreadyExistsException{}}, Repository{host + "scones", "AWS", "secret", false}, "", ""},
		"may not look":   {service{describe: denied}, Repository{}, "look for the repository", "ecr:DescribeRepositories"},
		"may not make":   {service{create: denied}, Repository{}, "make the repository", "ecr:CreateRepository"},
		"may not log in": {service{there: true, auth: denied}, Repository{}, "log in", "ecr:GetAuthorizationToken"},
		"odd token":      {service{there: true, token: "secret"}, Repository{}, "no user and password", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := open(t.Context(), &c.s, "scones")
			if c.error == "" {
				if err != nil || got != c.want {
					t.Errorf("got %+v, %v, want %+v", got, err, c.want)
				}
				return
			}
			var failure *Error
			if !errors.As(err, &failure) || !strings.Contains(err.Error(), c.error) || !strings.Contains(failure.Hint(), c.hint) {
				t.Errorf("got %v, want %s with the hint %s", err, c.error, c.hint)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error %v tells the password", err)
			}
		})
	}
}

// TestMadeRepository checks what a new repository is like.
func TestMadeRepository(t *testing.T) {
	s := service{token: "AWS:secret"}
	if _, err := open(t.Context(), &s, "scones"); err != nil {
		t.Fatal(err)
	}
	if s.made.ImageTagMutability != types.ImageTagMutabilityImmutable || !s.made.ImageScanningConfiguration.ScanOnPush || len(s.made.Tags) != 1 {
		t.Errorf("the repository is made with %+v", s.made)
	}
}

func TestAt(t *testing.T) {
	for _, to := range []string{"127.0.0.1:5000", "http://127.0.0.1:5000", "127.0.0.1:5000/"} {
		if got := (Repository{Address: host + "team/scones"}).At(to).Address; got != "127.0.0.1:5000/team/scones" {
			t.Errorf("At(%q) = %q", to, got)
		}
	}
}
