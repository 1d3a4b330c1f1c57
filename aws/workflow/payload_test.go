package workflow

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oneObject is a bucket with one picture, whose bytes are PNG.
type oneObject struct{}

func (oneObject) Get(_ context.Context, object Reference, _ int64) ([]byte, Reference, error) {
	if object.Bucket != "b" || object.Key != "test/bicycle.png" {
		return nil, object, failf(ObjectNotFound, "no object s3://%s/%s", object.Bucket, object.Key)
	}
	object.Version, object.ETag = "v1", "e1"
	return []byte("PNG"), object, nil
}

// sure is a model that is always sure of a bicycle.
type sure struct{}

func (sure) Classify(_ context.Context, image []byte) ([]float32, error) {
	if string(image) != "PNG" {
		return nil, failf(ImageUnreadable, "%q is no picture", image)
	}
	return []float32{0.93888366, 0.061116308}, nil
}

var steps = &Steps{Store: oneObject{}, Classifier: sure{}, Threshold: DefaultThreshold, Labels: []string{"bicycle", "motorcycle"}, Model: "m"}

// want is what each step writes for the pictures of testdata/payloads.json, in the seed's shape.
var want = map[string]string{
	"serialize": `{"statusCode":200,"body":{"image_data":"UE5H","inferences":[],"s3_bucket":"b","s3_key":"test/bicycle.png"}}`,
	"classify": `{"statusCode":200,"body":{"confidence":0.9388836622238159,"image_data":"UE5H",` +
		`"inferences":"[0.9388836622238159, 0.061116307973861694]","label":"bicycle","model":"m","s3_bucket":"b","s3_key":"test/bicycle.png"}}`,
	"filter": `{"statusCode":200,"body":"{\"confidence\":0.9388836622238159,\"image_data\":\"UE5H\",\"inferences\":` +
		`\"[0.9388836622238159, 0.061116307973861694]\",\"label\":\"bicycle\",\"model\":\"\",\"s3_bucket\":\"b\",\"s3_key\":\"test/bicycle.png\"}"}`,
}

// TestPayloadVariants runs the shapes of events that copies of the seed produce through the steps; whatever comes in, the same goes out.
func TestPayloadVariants(t *testing.T) {
	data, err := os.ReadFile("testdata/payloads.json")
	if err != nil {
		t.Fatal(err)
	}
	var variants []struct {
		Name, Step string
		Event      json.RawMessage
	}
	if err := json.Unmarshal(data, &variants); err != nil {
		t.Fatal(err)
	}
	if len(variants) < 20 {
		t.Fatalf("%d variants, want 20 or more", len(variants))
	}
	for _, v := range variants {
		t.Run(v.Step+"/"+v.Name, func(t *testing.T) {
			got, err := steps.Step(v.Step)(t.Context(), v.Event)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parsed(t, []byte(want[v.Step])), parsed(t, withoutReference(t, got))); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", v.Step, diff)
			}
		})
	}
}

// withoutReference takes out what only an event with a reference has, and gives it the picture.
func withoutReference(t *testing.T, payload []byte) []byte {
	var e struct {
		Status int            `json:"statusCode"`
		Body   map[string]any `json:"body"`
	}
	if json.Unmarshal(payload, &e) != nil || e.Body["s3_etag"] == nil {
		return payload
	}
	delete(e.Body, "s3_etag")
	delete(e.Body, "s3_version")
	e.Body["image_data"] = "UE5H"
	return encode(map[string]any{"statusCode": e.Status, "body": e.Body})
}

func parsed(t *testing.T, data []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return value
}

// TestRefusedPayloads: what cannot be understood is an error of that name, and says why.
func TestRefusedPayloads(t *testing.T) {
	for _, test := range []struct{ name, step, event, error, text string }{
		{"no JSON", "serialize", `{`, InputInvalid, "read event: unexpected EOF"},
		{"null", "serialize", `null`, InputInvalid, "read event: it is null"},
		{"a list", "serialize", `[1]`, InputInvalid, "read event: it is no JSON object"},
		{"no key", "serialize", `{"s3_bucket":"b"}`, InputInvalid, "the event names no picture: s3_bucket and s3_key, or image_data, are needed"},
		{"a key that is no text", "serialize", `{"s3_bucket":"b","s3_key":7}`, InputInvalid, "read event: s3_key is no text"},
		{"no such object", "serialize", `{"s3_bucket":"b","s3_key":"c"}`, ObjectNotFound, "no object s3://b/c"},
		{"bodies without end", "serialize", `{"body":{"body":{"body":{"body":{"body":{"body":{}}}}}}}`, InputInvalid, "read event: it lies in more than 5 bodies"},
		{"no base64", "classify", `{"image_data":"*"}`, InputInvalid, "image_data: illegal base64 data at input byte 0"},
		{"no picture", "classify", `{"s3_bucket":"b"}`, InputInvalid, "the event has no picture: neither image_data nor s3_bucket and s3_key"},
		{"another picture", "classify", `{"image_data":"R0lG"}`, ImageUnreadable, `"GIF" is no picture`},
		{"no inferences", "filter", `{"inferences":[]}`, InputInvalid, "the event has no inferences"},
		{"inferences of words", "filter", `{"inferences":["a"]}`, InputInvalid, "read event: inferences: item 1 is no number"},
		{"inferences beyond one", "filter", `{"inferences":"[2]"}`, InputInvalid, "read event: inferences: item 1 is 2, not a probability"},
		{"inferences twice as text", "filter", `{"inferences":"\"[1]\""}`, InputInvalid, "read event: inferences: text within text"},
		{"unsure", "filter", `{"inferences":"[0.4, 0.6]"}`, ThresholdNotMet, "motorcycle at 0.6 is below the threshold 0.93"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := steps.Step(test.step)(t.Context(), json.RawMessage(test.event))
			if err == nil || ErrorName(err) != test.error || err.Error() != test.text {
				t.Errorf("%s(%s) = %v, named %s; want %q, named %s", test.step, test.event, err, ErrorName(err), test.text, test.error)
			}
		})
	}
}
