// Package iamtest holds policies to what least privilege means, and to IAM's own reference.
package iamtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/plan"
)

// Exceptions are the actions that may be allowed on any resource, because IAM knows no resource for them. Statements that use one say why.
var Exceptions = []string{
	"cloudwatch:PutMetricData",  // any container and function may write metrics; a condition narrows the namespace
	"ecr:GetAuthorizationToken", // a token is for the whole registry
	// Step Functions delivers logs through these; Resource "*" is what its guide asks for.
	"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery",
	"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
	// Traces belong to no object.
	"xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
}

// Check fails a test for a policy that allows more than it must: an action with a wildcard, any resource without a listed reason, PassRole
// to any service. Where [EnvReference] names IAM's reference it also fails for actions that do not exist, and for resources and
// condition keys that the actions do not know; where it does not, [Reference] says what happens.
func Check(t testing.TB, policies ...plan.Policy) {
	t.Helper()
	r := Reference(t)
	for _, p := range policies {
		for i := range p.Statement {
			s := &p.Statement[i]
			for _, problem := range slices.Concat(careless(s), r.problems(s)) {
				t.Errorf("policy %s, statement %d %s: %s", p.Name, i+1, s.Sid, problem)
			}
		}
	}
}

// careless lists what is wider than it must be.
func careless(s *plan.Statement) (problems []string) {
	if s.Effect != "Allow" {
		return nil // a denial is the wider the better
	}
	for _, action := range s.Action {
		if strings.ContainsAny(action, "*?") {
			problems = append(problems, "action "+action+" has a wildcard")
		}
		if action == "iam:PassRole" && len(s.Condition["StringEquals"]["iam:PassedToService"]) == 0 {
			problems = append(problems, "iam:PassRole without iam:PassedToService")
		}
	}
	if len(s.Action) == 0 || len(s.Resource) == 0 && len(s.Principal) == 0 {
		problems = append(problems, "it names no action, or no resource")
	}
	if slices.Contains(s.Resource, "*") {
		if s.Why == "" {
			problems = append(problems, "any resource, and no reason")
		}
		for _, action := range s.Action {
			if !slices.Contains(Exceptions, action) {
				problems = append(problems, "any resource for "+action+", which is no listed exception")
			}
		}
	} else if s.Why != "" {
		problems = append(problems, "a reason for a wildcard that is not there")
	}
	for _, p := range s.Principal {
		if strings.Contains(p, "*") {
			problems = append(problems, "everybody is allowed")
		}
	}
	return problems
}
