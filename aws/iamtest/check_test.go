package iamtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/plan"
)

// TestCheckFinds gives it one statement for each thing that it should find.
func TestCheckFinds(t *testing.T) {
	r := Reference(t)
	for want, s := range map[string]plan.Statement{
		"has a wildcard":                    {Effect: "Allow", Action: []string{"s3:Get*"}, Resource: []string{"arn:aws:s3:::b/k"}},
		"and no reason":                     {Effect: "Allow", Action: []string{"ecr:GetAuthorizationToken"}, Resource: []string{"*"}},
		"no listed exception":               {Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"*"}, Why: "x"},
		"reason for a wildcard":             {Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::b/k"}, Why: "x"},
		"without iam:PassedToService":       {Effect: "Allow", Action: []string{"iam:PassRole"}, Resource: []string{"arn:aws:iam::123456789012:role/r"}},
		"no action, or no resource":         {Effect: "Allow", Action: []string{"s3:GetObject"}},
		"everybody is allowed":              {Effect: "Allow", Action: []string{"sts:AssumeRole"}, Principal: map[string]string{"AWS": "*"}},
		"no action s3:GetObjekt":            {Effect: "Allow", Action: []string{"s3:GetObjekt"}, Resource: []string{"arn:aws:s3:::b/k"}},
		"no service s4":                     {Effect: "Allow", Action: []string{"s4:GetObject"}, Resource: []string{"arn:aws:s3:::b/k"}},
		"knows no such resource":            {Effect: "Allow", Action: []string{"sagemaker:InvokeEndpoint"}, Resource: []string{"arn:aws:sagemaker:us-east-1:123456789012:model/m"}},
		"no condition key s3:prefix":        {Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::b/k"}, Condition: map[string]map[string][]string{"StringLike": {"s3:prefix": {"x"}}}},
		"although it knows arn:":            {Effect: "Allow", Action: []string{"sagemaker:InvokeEndpoint"}, Resource: []string{"*"}, Why: "x"},
		"s3:GetObject knows no such resour": {Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::bucket"}},
	} {
		found := slices.Concat(careless(&s), r.problems(&s))
		needsReference := strings.Contains(want, "no action s3") || strings.Contains(want, "no service") || strings.Contains(want, "knows") || strings.Contains(want, "condition key")
		if r == nil && needsReference {
			continue
		}
		if !slices.ContainsFunc(found, func(p string) bool { return strings.Contains(p, want) }) {
			t.Errorf("%q is not found in %q", want, found)
		}
	}
	good := plan.Statement{Effect: "Allow", Action: []string{"logs:PutLogEvents"}, Resource: []string{"arn:aws:logs:us-east-1:123456789012:log-group:/aws/x:*"}}
	if found := slices.Concat(careless(&good), r.problems(&good)); len(found) > 0 {
		t.Errorf("found %q in a good statement", found)
	}
}
