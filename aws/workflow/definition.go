package workflow

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Mode is one of the state machines that [Definition] writes.
type Mode string

// The modes.
const (
	Seed    Mode = "seed"    // the three steps in a row; below the threshold the execution fails
	Robust  Mode = "robust"  // time limits, people for unsure answers, a dead-letter queue for what fails
	MapMode Mode = "map"     // many pictures of a bucket, in a Distributed Map, a row for each
	JSONata Mode = "jsonata" // seed in the other query language of Step Functions
)

// Modes are all modes.
var Modes = []Mode{Seed, Robust, MapMode, JSONata}

// A DefinitionOptions fills a definition. The zero value leaves what only a deployment knows as placeholders, such as
// ${FilterFunctionArn}.
type DefinitionOptions struct {
	// Values of placeholders by name; [Placeholders] lists a mode's.
	Values map[string]string
	// Items is where map finds its pictures: prefix (the default), inventory, csv or jsonl.
	Items string
	// Review is where robust sends unsure answers: sqs (the default) or sns.
	Review string
}

//go:embed definition/*.asl.json
var definitions embed.FS

// defaults are the values that need no deployment.
var defaults = map[string]string{
	"Threshold":         strconv.FormatFloat(DefaultThreshold, 'f', -1, 64),
	"BatchSize":         "20",
	"Concurrency":       "50",
	"ToleratedFailures": "5.0", // percent
	"ChildType":         "STANDARD",
}

// numbers are the placeholders that stand for a number.
var numbers = []string{"Threshold", "BatchSize", "Concurrency", "ToleratedFailures"}

// readers are map's ItemReader and the item's key in each.
var readers = map[string][2]string{
	"prefix":    {`{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket.$": "$.bucket", "Prefix.$": "$.prefix"}}`, "Key"},
	"inventory": {getObject(`{"InputType": "MANIFEST"}`), "Key"},
	"csv":       {getObject(`{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}`), "s3_key"},
	"jsonl":     {getObject(`{"InputType": "JSONL"}`), "s3_key"},
}

func getObject(config string) string {
	return `{"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": ` + config + `, "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"}}`
}

// reviews are robust's state for people, by service. The picture's bytes stay out: a message holds 256 KiB.
var reviews = map[string]string{
	"sqs": review("sqs:sendMessage", `"QueueUrl": "${ReviewQueueUrl}", "MessageBody"`),
	"sns": review("sns:publish", `"TopicArn": "${ReviewTopicArn}", "Subject": "A picture needs people", "Message"`),
}

func review(resource, message string) string {
	return `{"Type": "Task", "Comment": "Asks people about an unsure answer.", "Resource": "arn:aws:states:::` + resource + `", "Parameters": {` + message +
		`: {"execution.$": "$$.Execution.Id", "s3_bucket.$": "$.body.s3_bucket", "s3_key.$": "$.body.s3_key", "label.$": "$.body.label",` +
		` "confidence.$": "$.body.confidence", "inferences.$": "$.body.inferences", "model.$": "$.body.model"}}, "ResultPath": "$.review",` +
		` "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2, "JitterStrategy": "FULL"}],` +
		` "Next": "Needs review"}`
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// Definition writes a state machine in the Amazon States Language, as JSON.
func Definition(mode Mode, o DefinitionOptions) ([]byte, error) {
	text, err := template(mode, o)
	if err != nil {
		return nil, err
	}
	known := Placeholders(mode)
	values := maps.Clone(defaults)
	for name, value := range o.Values {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("mode %s has no placeholder %q: it has %s", mode, name, strings.Join(known, ", "))
		}
		values[name] = value
	}
	for _, name := range numbers {
		n, err := strconv.ParseFloat(values[name], 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%s %q is no number of 0 or more", name, values[name])
		}
		if nearest := float64(float32(n)); name == "Threshold" && nearest < n {
			// Scores are float32, and the filter compares as such: the number in a Choice must not lie above the nearest one.
			values[name] = strconv.FormatFloat(nearest, 'f', -1, 64)
		}
		text = strings.ReplaceAll(text, `"${`+name+`}"`, values[name])
	}
	text = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		value, ok := values[found[2:len(found)-1]]
		if !ok {
			return found
		}
		quoted := encode(value)
		return string(quoted[1 : len(quoted)-1])
	})
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(text), "", "  "); err != nil {
		return nil, fmt.Errorf("write definition of mode %s: %w", mode, err)
	}
	return out.Bytes(), nil
}

// template is a mode's file with what the options choose in it.
func template(mode Mode, o DefinitionOptions) (string, error) {
	data, err := definitions.ReadFile("definition/" + string(mode) + ".asl.json")
	if err != nil {
		return "", fmt.Errorf("unknown mode %q: one of %v", mode, Modes)
	}
	reader, ok := readers[cmp.Or(o.Items, "prefix")]
	if !ok || o.Items != "" && mode != MapMode {
		return "", fmt.Errorf("items %q: mode map takes %s", o.Items, strings.Join(slices.Sorted(maps.Keys(readers)), ", "))
	}
	state, ok := reviews[cmp.Or(o.Review, "sqs")]
	if !ok || o.Review != "" && mode != Robust {
		return "", fmt.Errorf("review %q: mode robust takes %s", o.Review, strings.Join(slices.Sorted(maps.Keys(reviews)), ", "))
	}
	selector := fmt.Sprintf(`{"s3_bucket.$": "$.bucket", "s3_key.$": "$$.Map.Item.Value.%s"}`, reader[1])
	replacer := strings.NewReplacer(`"${ItemReader}"`, reader[0], `"${ItemSelector}"`, selector, `"${Review}"`, state)
	return replacer.Replace(string(data)), nil
}

// Placeholders are the names of a mode's values, in the order of the alphabet, those with a default too.
func Placeholders(mode Mode) []string {
	names := map[string]bool{}
	for review := range reviews {
		o := DefinitionOptions{}
		if mode == Robust {
			o.Review = review
		}
		text, err := template(mode, o)
		if err != nil {
			return nil
		}
		for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
			names[found[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Unfilled are the names of the placeholders that a definition still has, in the order of the alphabet, each once.
func Unfilled(definition []byte) []string {
	names := map[string]bool{}
	for _, found := range placeholder.FindAllSubmatch(definition, -1) {
		names[string(found[1])] = true
	}
	return slices.Sorted(maps.Keys(names))
}
