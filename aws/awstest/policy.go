package awstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A policy is a document of IAM: of a role, of its trust, of a bucket or a function.
type policy struct {
	Version   string
	Statement several[statement]
}

type statement struct {
	Sid                     string
	Effect                  string
	Principal, NotPrincipal principals
	Action, NotAction       several[string]
	Resource, NotResource   several[string]
	Condition               map[string]map[string]several[scalar]
}

// several is one value or a list of them.
type several[T any] []T

func (s *several[T]) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]T)(s))
	}
	var one T
	if err := strict(data, &one); err != nil {
		return err
	}
	*s = several[T]{one}
	return nil
}

// scalar is a condition's value, which may be a boolean or a number.
type scalar string

func (s *scalar) UnmarshalJSON(data []byte) error {
	*s = scalar(strings.Trim(string(data), `"`))
	return nil
}

// principals by kind: AWS, Service, Federated; everybody is AWS *.
type principals map[string]several[string]

func (p *principals) UnmarshalJSON(data []byte) error {
	if string(data) == `"*"` {
		*p = principals{"AWS": {"*"}}
		return nil
	}
	return json.Unmarshal(data, (*map[string]several[string])(p))
}

func strict(data []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

var action = regexp.MustCompile(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`)

// parsePolicy reads a document and refuses what IAM calls malformed. With principal the statements need one and no resource, as a
// role's trust does; without, the other way round. A resource's own policy needs both.
func parsePolicy(text string, principal, resource bool) (*policy, error) {
	p := new(policy)
	if err := strict([]byte(text), p); err != nil {
		return nil, fmt.Errorf("this policy contains invalid Json: %w", err)
	}
	if p.Version != "2012-10-17" && p.Version != "2008-10-17" {
		return nil, fmt.Errorf("the policy must contain a valid version string, not %q", p.Version)
	}
	if len(p.Statement) == 0 {
		return nil, errors.New("the policy must contain at least one statement")
	}
	sids := map[string]bool{}
	for _, s := range p.Statement {
		switch {
		case s.Effect != "Allow" && s.Effect != "Deny":
			return nil, fmt.Errorf("syntax errors in policy: effect %q", s.Effect)
		case (len(s.Action) == 0) == (len(s.NotAction) == 0):
			return nil, errors.New("syntax errors in policy: a statement needs Action or NotAction")
		case resource != (len(s.Resource)+len(s.NotResource) > 0):
			return nil, errors.New("syntax errors in policy: has prohibited field Resource, or lacks it")
		case principal != (len(s.Principal)+len(s.NotPrincipal) > 0):
			return nil, errors.New("policy document should not specify a principal, or lacks one")
		case s.Sid != "" && sids[s.Sid]:
			return nil, fmt.Errorf("statement IDs (SID) in a single policy must be unique: %q", s.Sid)
		case !resource && regexp.MustCompile(`[^A-Za-z0-9]`).MatchString(s.Sid):
			return nil, fmt.Errorf("statement IDs (SID) must be alpha-numeric: %q", s.Sid)
		}
		sids[s.Sid] = true
		for _, a := range slices.Concat(s.Action, s.NotAction) {
			if !action.MatchString(a) {
				return nil, fmt.Errorf("actions/Conditions must be prefaced by a vendor: %q", a)
			}
		}
		for _, r := range slices.Concat(s.Resource, s.NotResource) {
			if r != "*" && strings.Count(r, ":") < 5 {
				return nil, fmt.Errorf("resource %q must be in ARN format or \"*\"", r)
			}
		}
		for operator := range s.Condition {
			if !knownOperators[strings.TrimSuffix(operator, "IfExists")] {
				return nil, fmt.Errorf("invalid condition type: %s", operator)
			}
		}
	}
	return p, nil
}

var knownOperators = map[string]bool{
	"StringEquals": true, "StringNotEquals": true, "StringLike": true, "StringNotLike": true, "ArnLike": true, "ArnEquals": true, "Bool": true,
	"NumericLessThan": true, "NumericLessThanEquals": true, "Null": true, "ForAllValues:StringEquals": true, "ForAnyValue:StringEquals": true,
}

// A deed is what somebody wants to do.
type deed struct {
	kind, principal  string // Service or AWS, and who
	action, resource string
	context          map[string]string // condition keys and what they are here
}

// verdict of the statements that apply: a denial wins.
func (p *policy) verdict(d deed) (allowed, denied bool) {
	for _, s := range p.Statement {
		if !s.applies(d) {
			continue
		}
		if s.Effect == "Deny" {
			denied = true
		} else {
			allowed = true
		}
	}
	return allowed, denied
}

func (s *statement) applies(d deed) bool {
	if len(s.Action) > 0 && !anyLike(s.Action, d.action, true) || len(s.NotAction) > 0 && anyLike(s.NotAction, d.action, true) {
		return false
	}
	if len(s.Resource) > 0 && !anyLike(s.Resource, d.resource, false) || len(s.NotResource) > 0 && anyLike(s.NotResource, d.resource, false) {
		return false
	}
	if len(s.Principal) > 0 && !anyLike(s.Principal[d.kind], d.principal, false) && !slices.Contains(s.Principal["AWS"], "*") {
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if !holds(operator, d.context, key, values) {
				return false
			}
		}
	}
	return true
}

// holds decides a condition; one on a key that nobody knows here does not hold, but for its IfExists and negations.
func holds(operator string, context map[string]string, key string, values []scalar) bool {
	operator, optional := strings.CutSuffix(operator, "IfExists")
	got, known := "", false
	for name, value := range context {
		if strings.EqualFold(name, key) {
			got, known = value, true
		}
	}
	negated := strings.Contains(operator, "Not")
	if !known {
		return optional || negated
	}
	found := slices.ContainsFunc(values, func(want scalar) bool {
		if strings.HasSuffix(operator, "Like") || strings.HasPrefix(operator, "Arn") {
			return like(string(want), got)
		}
		return string(want) == got
	})
	return found != negated
}

func anyLike(patterns []string, text string, fold bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if fold {
			return like(strings.ToLower(p), strings.ToLower(text))
		}
		return like(p, text)
	})
}

// like matches * and ?.
func like(pattern, text string) bool {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(quoted)
	return regexp.MustCompile(`(?s)^` + quoted + `$`).MatchString(text)
}
