package awstest_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	sagemakertypes "github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/awstest"
)

func TestIAM(t *testing.T) {
	cloud, c := start(t, awstest.Options{PageSize: 1, Tick: time.Second, Lag: 10 * time.Second})
	if who := must(t, sts.NewFromConfig(c).GetCallerIdentity, nil); *who.Account != awstest.Account {
		t.Errorf("account %s", *who.Account)
	}
	roles := iam.NewFromConfig(c)
	create := &iam.CreateRoleInput{RoleName: new("host"), AssumeRolePolicyDocument: new(trust), Tags: []types.Tag{{Key: new("a"), Value: new("1")}, {Key: new("b"), Value: new("2 = 3")}}}
	role := must(t, roles.CreateRole, create).Role
	refused(t, "EntityAlreadyExists", roles.CreateRole, create)
	refused(t, "MalformedPolicyDocument", roles.CreateRole, &iam.CreateRoleInput{RoleName: new("x"), AssumeRolePolicyDocument: new(`{"Version":"2012-10-17","Statement":[]}`)})
	refused(t, "NoSuchEntity", roles.GetRole, &iam.GetRoleInput{RoleName: new("none")})
	must(t, roles.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("host"), PolicyName: new("p"), PolicyDocument: new(wide)})
	refused(t, "DeleteConflict", roles.DeleteRole, &iam.DeleteRoleInput{RoleName: new("host")})
	refused(t, "MalformedPolicyDocument", roles.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("host"), PolicyName: new("q"), PolicyDocument: new(trust)})
	got := must(t, roles.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: new("host"), PolicyName: new("p")})
	if text, _ := url.PathUnescape(*got.PolicyDocument); text != wide {
		t.Errorf("policy %s", text)
	}
	var tags []types.Tag
	for pages := iam.NewListRoleTagsPaginator(roles, &iam.ListRoleTagsInput{RoleName: new("host")}); pages.HasMorePages(); {
		p, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, p.Tags...)
	}
	if diff := cmp.Diff(create.Tags, tags, cmp.AllowUnexported(types.Tag{})); diff != "" {
		t.Error(diff)
	}

	// The role cannot be assumed at once.
	models := sagemaker.NewFromConfig(c)
	model := &sagemaker.CreateModelInput{ModelName: new("m"), ExecutionRoleArn: role.Arn, PrimaryContainer: &sagemakertypes.ContainerDefinition{Image: new("811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1")}}
	refused(t, "ValidationException", models.CreateModel, &sagemaker.CreateModelInput{ModelName: new("m"), ExecutionRoleArn: new("arn:aws:iam::123456789012:role/none"), PrimaryContainer: model.PrimaryContainer})
	cloud.Advance(10 * time.Second)
	must(t, models.CreateModel, model)
	refused(t, "ValidationException", models.CreateModel, model)

	must(t, roles.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: new("host"), PolicyName: new("p")})
	must(t, roles.DeleteRole, &iam.DeleteRoleInput{RoleName: new("host")})
	refused(t, "NoSuchEntity", roles.DeleteRole, &iam.DeleteRoleInput{RoleName: new("host")})
}
