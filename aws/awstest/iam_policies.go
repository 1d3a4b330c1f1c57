package awstest

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// inlineLimit is the most characters, white space aside, that a role's inline policies may have together.
const inlineLimit = 10_240

func putRolePolicy(c *call, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, err := parsePolicy(value(in.PolicyDocument), false, true); err != nil {
		return nil, wire.Errorf("MalformedPolicyDocument", "%v", err)
	}
	size := 0
	for name, text := range r.policies {
		if name != value(in.PolicyName) {
			size += len(strings.Join(strings.Fields(text), ""))
		}
	}
	if size+len(strings.Join(strings.Fields(value(in.PolicyDocument)), "")) > inlineLimit {
		return nil, &wire.Error{Status: http.StatusConflict, Code: "LimitExceeded", Message: "Maximum policy size of 10240 bytes exceeded for role " + value(in.RoleName)}
	}
	r.policies[value(in.PolicyName)] = value(in.PolicyDocument)
	return &iam.PutRolePolicyOutput{}, nil
}

func getRolePolicy(c *call, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	text, ok := r.policies[value(in.PolicyName)]
	if !ok {
		return nil, noSuchEntity("The role policy with name %s cannot be found.", value(in.PolicyName))
	}
	return &iam.GetRolePolicyOutput{RoleName: r.RoleName, PolicyName: in.PolicyName, PolicyDocument: escapedDocument(text)}, nil
}

func deleteRolePolicy(c *call, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, ok := r.policies[value(in.PolicyName)]; !ok {
		return nil, noSuchEntity("The role policy with name %s cannot be found.", value(in.PolicyName))
	}
	delete(r.policies, value(in.PolicyName))
	return &iam.DeleteRolePolicyOutput{}, nil
}

func listRolePolicies(c *call, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	names, next, failure := page(c.Server, slices.Sorted(maps.Keys(r.policies)), in.Marker, in.MaxItems, 100)
	if failure != nil {
		return nil, failure
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: append([]string{}, names...), Marker: next, IsTruncated: next != nil}, nil
}

func attachRolePolicy(c *call, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	arn := value(in.PolicyArn)
	if managedPolicies[arn] == "" {
		return nil, noSuchEntity("Policy %s does not exist or is not attachable.", arn)
	}
	r.attached[arn] = arn[strings.LastIndexByte(arn, '/')+1:]
	return &iam.AttachRolePolicyOutput{}, nil
}

func detachRolePolicy(c *call, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	if r.attached[value(in.PolicyArn)] == "" {
		return nil, noSuchEntity("Policy %s was not found.", value(in.PolicyArn))
	}
	delete(r.attached, value(in.PolicyArn))
	return &iam.DetachRolePolicyOutput{}, nil
}

func listAttachedRolePolicies(c *call, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	attached := []types.AttachedPolicy{}
	for _, arn := range slices.Sorted(maps.Keys(r.attached)) {
		attached = append(attached, types.AttachedPolicy{PolicyArn: new(arn), PolicyName: new(r.attached[arn])})
	}
	attached, next, failure := page(c.Server, attached, in.Marker, in.MaxItems, 100)
	if failure != nil {
		return nil, failure
	}
	return &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: attached, Marker: next, IsTruncated: next != nil}, nil
}
