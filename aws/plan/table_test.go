package plan_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A permitting thing gives permissions.
type permitting struct {
	*thing
	policies []plan.Policy
}

func (p *permitting) Policies() []plan.Policy { return p.policies }

const wantTable = `s: nowhere

  ACTION   KIND                       NAME        USD/HOUR       USD/MONTH
= keep     s3-bucket                  s-bucket    0              0
~ update   iam-role                   s-role      0              0
      reads: a → b
± replace  sagemaker-model            s-model-b   0              0
      in place of s-model-a, which is deleted when nothing uses it
      content: a → b
± replace  sagemaker-endpoint-config  s-config-b  not known      not known
      in place of s-config-a, which is deleted when nothing uses it
      model: s-model-a → s-model-b
~ update   sagemaker-endpoint         s           0.115 to 0.46  83.95 to 335.80
      config: s-config-a → s-config-b
+ create   lambda-function            s-function  by use         by use
      policy: policy b6d387, see below
- delete   cloudwatch-alarm           s-alarm     1              730.00
      it is not wanted any more

lambda-function s-function, trust:
  allow lambda.amazonaws.com sts:AssumeRole
  allow ecr:GetAuthorizationToken, logs:PutLogEvents
      on *
      because a token is for the whole registry
      if aws:SourceAccount StringEquals 123456789012

$0.115 an hour, $83.95 a month; at most $0.46 an hour, $335.80 a month while it exists
  and by use, lambda-function: $0.0000002 per request, $0.0000166667 per GB-second
  not known: ml.x9.large in eu-far-1
  prices: a list, 2026-11-01
`

func TestTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.must(t, w.stack("a"), "create s-bucket, create s-role, create s-model-a, create s-config-a, create s")
		w.objects["cloudwatch-alarm s-alarm"] = &object{kind: plan.Alarm, name: "s-alarm", tags: plan.Tags("s", "endpoint/alarm")}
		w.objects["cloudwatch-alarm theirs"] = &object{kind: plan.Alarm, name: "theirs", tags: plan.Tags("s", "workflow/alarm")}
		policy := plan.Policy{Name: "trust", Statement: []plan.Statement{
			{Sid: "Lambda", Effect: "Allow", Principal: map[string]string{"Service": "lambda.amazonaws.com"}, Action: []string{"sts:AssumeRole"}},
			{Effect: "Allow", Action: []string{"ecr:GetAuthorizationToken", "logs:PutLogEvents"}, Resource: []string{"*"},
				Condition: map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {"123456789012"}}}, Why: "a token is for the whole registry"},
		}}
		function := &permitting{&thing{w: w, kind: plan.Function, name: "s-function", part: "endpoint/function", owner: "s",
			fields: plan.Fields{plan.F("policy", policy.Document())},
			price:  plan.Price{Uses: []plan.Rate{{USD: 2e-7, Per: "request"}, {USD: 0.0000166667, Per: "GB-second"}}}}, []plan.Policy{policy}}
		want := append(w.stack("b"), function)
		want[0].(*thing).price.Most = 0.46
		want[0].(*thing).needs[0].(*thing).price = plan.Price{Unknown: "ml.x9.large in eu-far-1"}
		p, err := w.make(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := p.WriteTable(&out); err != nil {
			t.Fatal(err)
		}
		expected := wantTable + "plan " + p.Fingerprint() + ": 1 to create, 2 to update, 2 to replace, 1 to delete, 1 to keep\n"
		if diff := cmp.Diff(expected, out.String()); diff != "" {
			t.Error(diff)
		}
		var budget *plan.BudgetError
		if err := p.CheckBudget(1); !errors.As(err, &budget) || budget.Hint() == "" {
			t.Errorf("an unknown price passed the budget: %v", err)
		}
		want[0].(*thing).needs[0].(*thing).price = plan.Price{}
		if p, err = w.make(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		for budget, ok := range map[float64]bool{0.46: true, 0.45: false, 0.115: false} {
			if err := p.CheckBudget(budget); (err == nil) != ok {
				t.Errorf("budget %v: %v", budget, err)
			}
		}
		data, err := json.Marshal(p.Document())
		if err != nil {
			t.Fatal(err)
		}
		var read struct {
			Name, Fingerprint string
			Changes           []map[string]any
			Total             plan.Total
		}
		if err := json.Unmarshal(data, &read); err != nil || read.Fingerprint != p.Fingerprint() || len(read.Changes) != 7 || read.Total.Most != 0.46 {
			t.Errorf("%v in %s", err, data)
		}
	})
}

// TestCanonicalPolicy gives one policy in the forms in which services return it.
func TestCanonicalPolicy(t *testing.T) {
	want := `{"Statement":[{"Action":["a:B","a:C"],"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","Principal":"*","Resource":"r"}],"Version":"2012-10-17"}`
	for _, form := range []string{
		want,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":["a:C","a:B"],"Resource":["r"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}}`,
		`{"Id":"x","Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["a:C","a:B"],"Resource":"r","Condition":{"Bool":{"aws:SecureTransport":false}}}]}`,
	} {
		if got := plan.CanonicalPolicy(form); got != want {
			t.Errorf("%s\ngives %s", form, got)
		}
	}
	if got := plan.CanonicalPolicy("{"); got != "{" {
		t.Errorf("no JSON gives %q", got)
	}
}

func TestHashIsOfContent(t *testing.T) {
	a, b := plan.F("a", "1"), plan.F("b", "2")
	if plan.Hash(plan.Fields{a, b}) != plan.Hash(plan.Fields{b, a}) {
		t.Error("the order counts")
	}
	if plan.Hash(plan.Fields{plan.F("a", "1b"), plan.F("", "")}) == plan.Hash(plan.Fields{plan.F("a", "1"), plan.F("b", "")}) {
		t.Error("names and values run into each other")
	}
}
