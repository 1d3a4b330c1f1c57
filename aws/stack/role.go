package stack

import (
	"context"
	"net/url"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// rolePath is the path of all roles of a region, by which they are found. Roles are an account's, deployments a region's.
func (a *Account) rolePath() string { return "/scones/" + a.Region + "/" }

// maxRoleName is IAM's limit.
const maxRoleName = 64

// roleName is unlike that of the same role of another region.
func (a *Account) roleName(deployment, suffix string) string {
	name := deployment + "-" + suffix + "-" + a.Region
	if len(name) > maxRoleName {
		hash := plan.Hash(plan.Fields{plan.F("name", name)})
		name = name[:maxRoleName-len(hash)-1] + "-" + hash
	}
	return name
}

// inlinePolicy is the name of a role's one policy.
const inlinePolicy = "scones"

// A RoleSpec is a role that a service assumes.
type RoleSpec struct {
	Deployment string
	Part       plan.Part
	// Suffix between the deployment's name and the region makes the role's.
	Suffix string
	// Service is the principal, such as sagemaker.amazonaws.com.
	Service string
	// Condition narrows who may assume it; see [Account.FromHere].
	Condition map[string]map[string][]string
	// Allow are the permissions.
	Allow []plan.Statement
	Needs []plan.Resource
}

// A Role is an IAM role with one inline policy.
type Role struct {
	roleItem
	wanted
	policies []plan.Policy
}

// FromHere is the condition that a service acts for an object of this account, against the confused deputy. An empty source means any.
func (a *Account) FromHere(source string) map[string]map[string][]string {
	condition := map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {a.ID}}}
	if source != "" {
		condition["ArnLike"] = map[string][]string{"aws:SourceArn": {source}}
	}
	return condition
}

// Role describes a role.
func (a *Account) Role(s RoleSpec) *Role {
	trust := plan.Policy{Name: "trust", Version: plan.PolicyVersion, Statement: []plan.Statement{{
		Effect: "Allow", Principal: map[string]string{"Service": s.Service}, Action: []string{"sts:AssumeRole"}, Condition: s.Condition,
	}}}
	allow := plan.Policy{Name: inlinePolicy, Version: plan.PolicyVersion, Statement: s.Allow}
	r := &Role{roleItem: roleItem{item{a, plan.Role, a.roleName(s.Deployment, s.Suffix)}}, policies: []plan.Policy{trust, allow}}
	r.wanted = wanted{deployment: s.Deployment, part: s.Part, needs: s.Needs, fields: plan.Fields{
		plan.F("trust", trust.Document()), plan.F("policy", allow.Document()),
	}}
	return r
}

// ARN of the role.
func (r *Role) ARN() string {
	return "arn:" + r.a.Partition + ":iam::" + r.a.ID + ":role" + r.a.rolePath() + r.name
}

// Policies are the trust and the permissions.
func (r *Role) Policies() []plan.Policy { return r.policies }

// Create makes the role, then its policy.
func (r *Role) Create(ctx context.Context) error {
	_, err := r.a.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: &r.name, Path: awssdk.String(r.a.rolePath()), AssumeRolePolicyDocument: awssdk.String(r.fields.Get("trust")), Tags: r.sdkTags(),
		Description: awssdk.String("Made by scones for " + r.deployment + " (" + string(r.part) + ")"),
	})
	if err != nil {
		return said(err)
	}
	return r.putPolicy(ctx)
}

// Update sets trust, policy and tags.
func (r *Role) Update(ctx context.Context, from plan.State) error {
	if from.Tags[plan.TagName] == "" || from.Part() != r.part {
		if _, err := r.a.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: &r.name, Tags: r.sdkTags()}); err != nil {
			return said(err)
		}
	}
	if from.Fields.Get("trust") != r.fields.Get("trust") {
		_, err := r.a.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &r.name, PolicyDocument: awssdk.String(r.fields.Get("trust"))})
		if err != nil {
			return said(err)
		}
	}
	return r.putPolicy(ctx)
}

func (r *Role) putPolicy(ctx context.Context) error {
	_, err := r.a.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &r.name, PolicyName: awssdk.String(inlinePolicy), PolicyDocument: awssdk.String(r.fields.Get("policy")),
	})
	return ignore(err)
}

func (r *Role) sdkTags() []types.Tag {
	var tags []types.Tag
	for key, value := range r.tags() {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	return tags
}

type roleItem struct{ item }

// Read asks for the role, its tags and its policy.
func (r roleItem) Read(ctx context.Context) (plan.State, error) {
	out, err := r.a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &r.name})
	if has(err, "NoSuchEntity") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	state := plan.State{Phase: plan.Ready, ARN: awssdk.ToString(out.Role.Arn), Created: awssdk.ToTime(out.Role.CreateDate), Tags: make(map[string]string)}
	for _, t := range out.Role.Tags {
		state.Tags[awssdk.ToString(t.Key)] = awssdk.ToString(t.Value)
	}
	state.Fields = plan.Fields{plan.F("trust", decoded(out.Role.AssumeRolePolicyDocument))}
	policy, err := r.a.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &r.name, PolicyName: awssdk.String(inlinePolicy)})
	switch {
	case has(err, "NoSuchEntity"):
	case err != nil:
		return plan.State{}, said(err)
	default:
		state.Fields = append(state.Fields, plan.F("policy", decoded(policy.PolicyDocument)))
	}
	return state, nil
}

// decoded is a document of IAM, which it returns URL-encoded.
func decoded(document *string) string {
	text, err := url.QueryUnescape(awssdk.ToString(document))
	if err != nil {
		text = awssdk.ToString(document)
	}
	return plan.CanonicalPolicy(text)
}

// Delete deletes the role's policies, lets go those that are attached, and deletes the role.
func (r roleItem) Delete(ctx context.Context) error {
	attached, err := r.a.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &r.name})
	if err != nil {
		return ignore(err, "NoSuchEntity")
	}
	for _, p := range attached.AttachedPolicies {
		_, err := r.a.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &r.name, PolicyArn: p.PolicyArn})
		if err := ignore(err, "NoSuchEntity"); err != nil {
			return err
		}
	}
	inline, err := r.a.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &r.name})
	if err != nil {
		return ignore(err, "NoSuchEntity")
	}
	for _, name := range inline.PolicyNames {
		_, err := r.a.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &r.name, PolicyName: &name})
		if err := ignore(err, "NoSuchEntity"); err != nil {
			return err
		}
	}
	_, err = r.a.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &r.name})
	return ignore(err, "NoSuchEntity")
}

type roleFinder struct{ a *Account }

// Kind is the role's.
func (f roleFinder) Kind() plan.Kind { return plan.Role }

// How names the calls.
func (f roleFinder) How() string {
	return "iam:ListRoles with path " + f.a.rolePath() + ", iam:GetRole"
}

// Find lists the roles of the path.
func (f roleFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	var items []plan.Item
	for pages := iam.NewListRolesPaginator(f.a.iam, &iam.ListRolesInput{PathPrefix: awssdk.String(f.a.rolePath())}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(err)
		}
		for _, r := range page.Roles {
			if bears(awssdk.ToString(r.RoleName), name) {
				items = append(items, roleItem{item{f.a, plan.Role, *r.RoleName}})
			}
		}
	}
	return items, nil
}
