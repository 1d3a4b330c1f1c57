package asl

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRefusals: everything that does not run here, or nowhere, is named before the start, all of it at once.
func TestRefusals(t *testing.T) {
	state := func(fields string) string { return `{"StartAt":"A","States":{"A":{` + fields + `}}}` }
	for _, test := range []struct {
		name, definition string
		want             []string
	}{
		{"a language that nobody knows", `{"QueryLanguage":"SQL","StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`,
			[]string{`definition: QueryLanguage "SQL" is neither JSONPath nor JSONata`}},
		{"JSONPath within JSONata", `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","QueryLanguage":"JSONPath","End":true}}}`,
			[]string{`state "A": QueryLanguage JSONPath is not allowed in a definition in JSONata`}},
		{"fields of the other language", state(`"Type":"Pass","Output":"{% 1 %}","End":true`),
			[]string{`state "A": has Output, which is JSONata's; its query language is JSONPath`}},
		{"fields of the other language in JSONata", state(`"Type":"Pass","QueryLanguage":"JSONata","InputPath":"$.a","End":true`),
			[]string{`state "A": has InputPath, which is JSONPath's; its query language is JSONata`}},
		{"an expression that is none", state(`"Type":"Pass","QueryLanguage":"JSONata","Output":{"x":"{% 1 + %}","y":"{% 1"},"End":true`),
			[]string{`state "A": Output: the expression "1 +": at 6: the expression ends too early`}},
		{"JSONata that is not interpreted", state(`"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $map($states.input, $f) %}","End":true`),
			[]string{`state "A": Output: the expression "$map($states.input, $f)": at 2: the function $map is not interpreted here`}},
		{"a Condition that is none", state(`"Type":"Choice","QueryLanguage":"JSONata","Choices":[{"Condition":"yes","Next":"A"}]`),
			[]string{`state "A", choice 1: Condition is "yes", want an expression in {% %}`}},
		{"Assign of no object", state(`"Type":"Pass","Assign":7,"End":true`), []string{`state "A": Assign is no object`}},
		{"an unknown field", state(`"Type":"Pass","Nonsense":1,"End":true`), []string{`state "A": unknown field Nonsense`}},
		{"an unknown type", state(`"Type":"Loop"`), []string{`state "A": Type "Loop" is none of Task, Pass, Choice, Wait, Succeed, Fail, Parallel and Map`}},
		{"neither Next nor End", state(`"Type":"Pass"`), []string{`state "A": wants one of Next and End`}},
		{"Next to nowhere", state(`"Type":"Pass","Next":"B"`), []string{`definition: state "A" leads to "B", which is no state there`}},
		{"an island", `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true},"B":{"Type":"Succeed"}}}`, []string{`definition: nothing leads to state "B"`}},
		{"a bad path", state(`"Type":"Pass","InputPath":"a.b","End":true`), []string{`state "A": InputPath: path "a.b" does not begin with $`}},
		{"a ResultPath of several places", state(`"Type":"Pass","ResultPath":"$.a[*]","End":true`),
			[]string{`state "A": ResultPath: "$.a[*]" does not name one place in the input`}},
		{"an unknown function", state(`"Type":"Pass","Parameters":{"x.$":"States.Nope(1)"},"End":true`),
			[]string{`state "A": Parameters: x.$: "States.Nope(1)": there is no function States.Nope`}},
		{"too few arguments", state(`"Type":"Pass","Parameters":{"x.$":"States.MathAdd(1)"},"End":true`),
			[]string{`state "A": Parameters: x.$: "States.MathAdd(1)": States.MathAdd has 1 arguments, it takes 2`}},
		{"States.ALL beside others", state(`"Type":"Task","Resource":"r","Retry":[{"ErrorEquals":["States.ALL","X"]}],"End":true`),
			[]string{`state "A", Retry 1: States.ALL must stand alone and last`}},
		{"a choice of nothing", state(`"Type":"Choice","Choices":[{"Variable":"$.a","Next":"A"}]`),
			[]string{`state "A", choice 1: compares nothing: no operator such as StringEquals is there`}},
		{"a reader inline", state(`"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{}},"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Succeed"}}},"End":true`),
			[]string{`state "A": ItemReader, ItemBatcher and ResultWriter need ProcessorConfig Mode DISTRIBUTED`}},
		{"a reader of Parquet", state(`"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"PARQUET"},"Parameters":{}},"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"B","States":{"B":{"Type":"Succeed"}}},"End":true`),
			[]string{`state "A", ItemReader: InputType "PARQUET" is not interpreted here; CSV, JSON, JSONL and MANIFEST are`}},
		{"several at once", state(`"Type":"Pass","Credentials":{},"Nonsense":1`),
			[]string{`state "A": wants one of Next and End`, `state "A": uses Credentials (another account's role), which is not interpreted here`, `state "A": unknown field Nonsense`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte(test.definition))
			refused, ok := errors.AsType[*RefusedError](err)
			if !ok {
				t.Fatalf("Parse = %v, want a refusal", err)
			}
			if diff := cmp.Diff(test.want, refused.Problems); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := Parse([]byte(`{"Comment":"` + strings.Repeat("x", MaxDefinition) + `"}`)); err == nil {
		t.Error("a definition beyond the limit is read")
	}
	if _, err := Parse([]byte(`{`)); err == nil {
		t.Error("half a document is read")
	}
}

// TestCheck asks about Tasks within others too.
func TestCheck(t *testing.T) {
	m, err := Parse([]byte(`{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::glue:startJobRun.sync","End":true}}}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	err = m.Check(false, func(s *State, _ func(string) (any, bool)) error { return errors.New(s.Resource + " is not done here") })
	if err == nil || err.Error() != `state "T": arn:aws:states:::glue:startJobRun.sync is not done here` {
		t.Errorf("Check = %v", err)
	}
}

// FuzzParse: whatever a definition holds, it is read or refused. What is read can be walked.
func FuzzParse(f *testing.F) {
	f.Add(`{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Not":{"Variable":"$.a[0].b-c","StringMatches":"*"},"Next":"A"}]}}}`)
	f.Add(`{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"x.$":"States.Format('{} \\'',$['a\\'b'])"},"End":true}}}`)
	f.Add(`{"StartAt":"A","States":{"A":{"Type":"Map","ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Wait","SecondsPath":"$.s","End":true}}},"End":true}}}`)
	f.Add(`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Map","Items":"{% $states.input.a %}","Assign":{"x":"{% $sum($states.result) %}"},"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Wait","Seconds":"{% $x %}","End":true}}},"End":true}}}`)
	f.Fuzz(func(t *testing.T, definition string) {
		m, err := Parse([]byte(definition))
		if err != nil {
			return
		}
		for s := range m.All() {
			s.Targets()
		}
		_, _ = m.Run(t.Context(), []byte(`{"a":[1,{"b":"c"}]}`), Options{Task: scripted(testCase{}), Sleep: noSleep})
	})
}
