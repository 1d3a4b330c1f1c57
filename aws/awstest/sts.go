package awstest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// callerARN is who calls.
const callerARN = "arn:aws:iam::" + Account + ":user/test"

func stsService() *service {
	return &service{name: "sts", model: "sts", namespace: "https://sts.amazonaws.com/doc/2011-06-15/", operations: map[string]operation{
		"GetCallerIdentity": typed(getCallerIdentity),
		"AssumeRole":        typed(assumeRole),
	}}
}

func getCallerIdentity(*call, *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: new(Account), Arn: new(callerARN), UserId: new("AIDATESTTESTTESTTEST1")}, nil
}

func assumeRole(c *call, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	role := c.iam.byARN(value(in.RoleArn))
	if role == nil || !role.trusts("arn:aws:iam::"+Account+":root") && !role.trusts(callerARN) {
		return nil, &wire.Error{Status: 403, Code: "AccessDenied", Message: "User: " + callerARN + " is not authorized to perform: sts:AssumeRole on resource: " + value(in.RoleArn)}
	}
	return &sts.AssumeRoleOutput{
		Credentials: &types.Credentials{AccessKeyId: new("ASIATESTTESTTESTTEST"), SecretAccessKey: new("test"), SessionToken: new("test"), Expiration: new(c.now.Add(time.Hour))},
		AssumedRoleUser: &types.AssumedRoleUser{
			AssumedRoleId: new(value(role.RoleId) + ":" + value(in.RoleSessionName)),
			Arn:           new("arn:aws:sts::" + Account + ":assumed-role/" + value(role.RoleName) + "/" + value(in.RoleSessionName)),
		},
	}, nil
}
