package awstest

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type iamState struct {
	roles map[string]*role
}

// A role with its inline policies and the names of those that are attached.
type role struct {
	types.Role
	trust    *policy
	policies map[string]string // documents by name
	attached map[string]string // names by ARN
	made     time.Time         // or its trust last changed
}

func newIAM() *iamState { return &iamState{roles: map[string]*role{}} }

func iamService() *service {
	return &service{name: "iam", model: "iam", namespace: "https://iam.amazonaws.com/doc/2010-05-08/", operations: map[string]operation{
		"CreateRole": typed(createRole), "GetRole": typed(getRole), "DeleteRole": typed(deleteRole), "ListRoles": typed(listRoles), "UpdateRole": typed(updateRole),
		"UpdateAssumeRolePolicy": typed(updateAssumeRolePolicy), "TagRole": typed(tagRole), "UntagRole": typed(untagRole), "ListRoleTags": typed(listRoleTags),
		"PutRolePolicy": typed(putRolePolicy), "GetRolePolicy": typed(getRolePolicy), "DeleteRolePolicy": typed(deleteRolePolicy), "ListRolePolicies": typed(listRolePolicies),
		"AttachRolePolicy": typed(attachRolePolicy), "DetachRolePolicy": typed(detachRolePolicy), "ListAttachedRolePolicies": typed(listAttachedRolePolicies),
		"ListInstanceProfilesForRole": typed(listInstanceProfilesForRole),
	}}
}

// noSuchEntity is IAM's error for what is not there.
func noSuchEntity(format string, args ...any) error {
	e := wire.Errorf("NoSuchEntity", format, args...)
	e.Status = http.StatusNotFound
	return e
}

func (s *iamState) role(name *string) (*role, error) {
	if r := s.roles[strings.ToLower(value(name))]; r != nil {
		return r, nil
	}
	return nil, noSuchEntity("The role with name %s cannot be found.", value(name))
}

func (s *iamState) byARN(arn string) *role {
	for _, r := range s.roles {
		if value(r.Arn) == arn {
			return r
		}
	}
	return nil
}

// trusts tells whether a role lets a service or an account assume it. Conditions on the source hold for this account.
func (r *role) trusts(who string) bool { return r.trustsSource(who, "") }

// trustsSource is the same for a service that says in whose behalf it comes.
func (r *role) trustsSource(who, source string) bool {
	d := deed{kind: "Service", principal: who, action: "sts:AssumeRole", context: map[string]string{"aws:SourceAccount": Account}}
	if strings.HasPrefix(who, "arn:") {
		d.kind = "AWS"
	}
	if source != "" {
		d.context["aws:SourceArn"] = source
	}
	allowed, denied := r.trust.verdict(d)
	return allowed && !denied
}

// assumable tells whether a service can take a role on now. A new role is not seen at once.
func (s *Server) assumable(arn, service string) bool { return s.assumableFrom(arn, service, "") }

// assumableFrom is the same for a service that says on whose behalf it comes.
func (s *Server) assumableFrom(arn, service, source string) bool {
	r := s.iam.byARN(arn)
	return r != nil && s.visible(r.made) && r.trustsSource(service, source)
}

// may tells whether a role's policies allow a deed.
func (s *Server) may(arn, action, resource string, context map[string]string) bool {
	r := s.iam.byARN(arn)
	if r == nil {
		return false
	}
	allowed := false
	documents := make([]string, 0, len(r.policies))
	for _, text := range r.policies {
		documents = append(documents, text)
	}
	for arn := range r.attached {
		documents = append(documents, managedPolicies[arn])
	}
	for _, text := range documents {
		p, err := parsePolicy(text, false, true)
		if err != nil {
			continue
		}
		yes, no := p.verdict(deed{action: action, resource: resource, context: context})
		if no {
			return false
		}
		allowed = allowed || yes
	}
	return allowed
}

// managedPolicies are those of AWS's own that are here: what least privilege leaves in use.
var managedPolicies = map[string]string{
	"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}`,
}
