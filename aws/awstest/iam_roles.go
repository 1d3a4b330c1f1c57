package awstest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

var roleName = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)

func invalidInput(format string, args ...any) error {
	return wire.Errorf("ValidationError", format, args...)
}

// escapedDocument is a document as IAM answers with it.
func escapedDocument(text string) *string { return new(url.PathEscape(text)) }

func createRole(c *call, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	name, path := value(in.RoleName), value(in.Path)
	if path == "" {
		path = "/"
	}
	if !roleName.MatchString(name) || !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") {
		return nil, invalidInput("The specified value for roleName is invalid: %q with path %q", name, path)
	}
	if c.iam.roles[strings.ToLower(name)] != nil {
		return nil, &wire.Error{Status: http.StatusConflict, Code: "EntityAlreadyExists", Message: "Role with name " + name + " already exists."}
	}
	trust, err := parsePolicy(value(in.AssumeRolePolicyDocument), true, false)
	if err != nil {
		return nil, wire.Errorf("MalformedPolicyDocument", "%v", err)
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	r := &role{trust: trust, policies: map[string]string{}, attached: map[string]string{}, made: c.now}
	r.Role = types.Role{
		RoleName: in.RoleName, Path: &path, Arn: new("arn:aws:iam::" + Account + ":role" + path + name), CreateDate: new(c.now),
		RoleId: new("AROA" + strings.ToUpper(strings.ReplaceAll(c.Server.id()[20:], "-", ""))[:13] + "TEST"), AssumeRolePolicyDocument: escapedDocument(value(in.AssumeRolePolicyDocument)),
		Description: in.Description, MaxSessionDuration: in.MaxSessionDuration, Tags: in.Tags,
	}
	if r.MaxSessionDuration == nil {
		r.MaxSessionDuration = new(int32(3600))
	}
	c.iam.roles[strings.ToLower(name)] = r
	out := r.Role
	out.MaxSessionDuration, out.Description = nil, nil
	return &iam.CreateRoleOutput{Role: &out}, nil
}

func getRole(c *call, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRoleOutput{Role: &r.Role}, nil
}

func updateRole(c *call, in *iam.UpdateRoleInput) (*iam.UpdateRoleOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	if in.Description != nil {
		r.Description = in.Description
	}
	if in.MaxSessionDuration != nil {
		r.MaxSessionDuration = in.MaxSessionDuration
	}
	return &iam.UpdateRoleOutput{}, nil
}

func deleteRole(c *call, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	conflict := &wire.Error{Status: http.StatusConflict, Code: "DeleteConflict"}
	switch {
	case len(r.attached) > 0:
		conflict.Message = "Cannot delete entity, must detach all policies first."
		return nil, conflict
	case len(r.policies) > 0:
		conflict.Message = "Cannot delete entity, must delete policies first."
		return nil, conflict
	}
	delete(c.iam.roles, strings.ToLower(value(in.RoleName)))
	return &iam.DeleteRoleOutput{}, nil
}

func listRoles(c *call, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	var roles []types.Role
	for _, r := range c.iam.roles {
		if strings.HasPrefix(value(r.Path), value(in.PathPrefix)) && c.visible(value(r.CreateDate)) {
			shown := r.Role
			shown.Tags = nil // as on AWS, for speed: ListRoleTags has them
			roles = append(roles, shown)
		}
	}
	slices.SortFunc(roles, func(a, b types.Role) int { return strings.Compare(*a.RoleName, *b.RoleName) })
	roles, next, err := page(c.Server, roles, in.Marker, in.MaxItems, 100)
	if err != nil {
		return nil, err
	}
	return &iam.ListRolesOutput{Roles: slices.Clip(append([]types.Role{}, roles...)), Marker: next, IsTruncated: next != nil}, nil
}

func updateAssumeRolePolicy(c *call, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
	r, err := c.iam.role(in.RoleName)
	if err != nil {
		return nil, err
	}
	trust, err := parsePolicy(value(in.PolicyDocument), true, false)
	if err != nil {
		return nil, wire.Errorf("MalformedPolicyDocument", "%v", err)
	}
	r.trust, r.made, r.AssumeRolePolicyDocument = trust, c.now, escapedDocument(value(in.PolicyDocument))
	return &iam.UpdateAssumeRolePolicyOutput{}, nil
}

func listInstanceProfilesForRole(c *call, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	if _, err := c.iam.role(in.RoleName); err != nil {
		return nil, err
	}
	return &iam.ListInstanceProfilesForRoleOutput{InstanceProfiles: []types.InstanceProfile{}}, nil
}
