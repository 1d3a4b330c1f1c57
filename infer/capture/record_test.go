package capture_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Lines as SageMaker writes them.
const (
	picture = `{"captureData":{"endpointInput":{"observedContentType":"image/png","mode":"INPUT","data":"iVBORw0KGgo=","encoding":"BASE64"},` +
		`"endpointOutput":{"observedContentType":"application/json","mode":"OUTPUT","data":"[0.9388836622238159, 0.061116307973861694]","encoding":"JSON"}},` +
		`"eventMetadata":{"eventId":"695344c2-3858-45e5-a14d-33deaf4310c7","inferenceTime":"2024-10-15T14:05:12Z"},"eventVersion":"0"}` + "\n"
	custom = `{"captureData":{"endpointInput":{"observedContentType":"application/json","mode":"INPUT","data":"{\"text\":\"<b>&é\\u2028\"}","encoding":"JSON"},` +
		`"endpointOutput":{"observedContentType":null,"mode":"OUTPUT","data":"MQ==","encoding":"BASE64"}},` +
		`"eventMetadata":{"eventId":"4651a1bf-4b00-4248-a309-4a18b11e4277","customAttributes":["a=b"],"inferenceId":"42","inferenceTime":"2021-09-27T03:47:25Z"},"eventVersion":"0"}` + "\n"
	outputOnly = `{"captureData":{"endpointOutput":{"observedContentType":"text/csv; charset=utf-8","mode":"OUTPUT","data":"0.25,0.75","encoding":"CSV"}},` +
		`"eventMetadata":{"eventId":"8f45e35c-fa44-40d2-8ed3-1bcab3a596f3","inferenceTime":"2020-07-30T13:36:30Z"},"eventVersion":"0"}` + "\n"
	inputOnly = `{"captureData":{"endpointInput":{"observedContentType":"image/png","mode":"INPUT","data":"iVBORw0KGgo=","encoding":"BASE64"}},` +
		`"eventMetadata":{"eventId":"8f45e35c-fa44-40d2-8ed3-1bcab3a596f4","inferenceTime":"2020-07-30T13:36:31Z"},"eventVersion":"0"}` + "\n"
)

func TestLinesComeOutAsTheyWentIn(t *testing.T) {
	for name, line := range map[string]string{"picture": picture, "custom": custom, "output only": outputOnly, "input only": inputOnly} {
		record, err := capture.Parse([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := record.Line()
		if err != nil || string(got) != line {
			t.Errorf("%s: Line() = %q, %v, want %q", name, got, err, line)
		}
	}
}

func TestRecordOfAPicture(t *testing.T) {
	r, err := capture.Parse([]byte(picture))
	if err != nil {
		t.Fatal(err)
	}
	body, err := r.Picture()
	if string(body) != "\x89PNG\r\n\x1a\n" || err != nil {
		t.Errorf("Picture() = %q, %v", body, err)
	}
	scores, err := r.Scores()
	if diff := cmp.Diff([]float32{0.93888366, 0.061116308}, scores); diff != "" || err != nil {
		t.Errorf("Scores(): %v %s", err, diff)
	}
	at, err := r.EventMetadata.Time()
	if want := time.Date(2024, 10, 15, 14, 5, 12, 0, time.UTC); !at.Equal(want) || err != nil {
		t.Errorf("Time() = %v, %v, want %v", at, err, want)
	}
}

// TestPayloadsAreCapturedAsSageMakerDoes builds the records above from bodies.
func TestPayloadsAreCapturedAsSageMakerDoes(t *testing.T) {
	types := capture.DefaultContentTypes()
	at := time.Date(2024, 10, 15, 16, 5, 12, 996e6, time.FixedZone("", 2*3600))
	got, err := (&capture.Record{
		CaptureData: capture.Data{
			EndpointInput:  capture.NewPayload(capture.Input, "image/png", []byte("\x89PNG\r\n\x1a\n"), types),
			EndpointOutput: capture.NewPayload(capture.Output, "application/json", []byte("[0.9388836622238159, 0.061116307973861694]"), types),
		},
		EventMetadata: capture.Metadata{EventID: "695344c2-3858-45e5-a14d-33deaf4310c7", InferenceTime: capture.FormatTime(at)},
		EventVersion:  capture.Version,
	}).Line()
	if string(got) != picture || err != nil {
		t.Errorf("Line() = %q, %v, want %q", got, err, picture)
	}
	for name, c := range map[string]struct {
		contentType, body string
		want              capture.Payload
	}{
		"csv with a charset": {"text/csv; charset=utf-8", "1,2", capture.Payload{Data: "1,2", Encoding: capture.CSV}},
		"no type":            {"", "1", capture.Payload{Data: "MQ==", Encoding: capture.Base64}},
		"json that is none":  {"application/json", "\xff", capture.Payload{Data: "/w==", Encoding: capture.Base64}},
		"html":               {"text/html", "<b>", capture.Payload{Data: "PGI+", Encoding: capture.Base64}},
	} {
		got := capture.NewPayload(capture.Output, c.contentType, []byte(c.body), types)
		c.want.Mode = capture.Output
		if c.contentType != "" {
			c.want.ObservedContentType = &c.contentType
		}
		if diff := cmp.Diff(&c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if body, err := got.Bytes(); string(body) != c.body || err != nil {
			t.Errorf("%s: Bytes() = %q, %v", name, body, err)
		}
	}
}

func TestWhatIsWrongWithARecordIsNamed(t *testing.T) {
	parse := func(line string) error { _, err := capture.Parse([]byte(line)); return err }
	of := func(line string, get func(*capture.Record) error) error {
		r, err := capture.Parse([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		return get(r)
	}
	input := func(r *capture.Record) error { _, err := r.Picture(); return err }
	output := func(r *capture.Record) error { _, err := r.Scores(); return err }
	const head = `{"captureData":{"endpointInput":{"observedContentType":"image/png","mode":"INPUT",`
	for name, c := range map[string]struct {
		err  error
		want capture.Code
	}{
		"cut short":       {parse(picture[:200]), capture.CodeTruncated},
		"manifest":        {parse(`[{"prefix":"s3://bucket/input/"},"a.csv"]`), capture.CodeManifest},
		"another object":  {parse(`{"path":"a.png"}`), capture.CodeSyntax},
		"text":            {parse("hello"), capture.CodeSyntax},
		"a wrong type":    {parse(`{"captureData":7}`), capture.CodeSyntax},
		"no input":        {of(outputOnly, input), capture.CodeNoInput},
		"no output":       {of(inputOnly, output), capture.CodeNoOutput},
		"json input":      {of(custom, input), capture.CodeNotPicture},
		"empty input":     {of(head+`"data":"","encoding":"BASE64"}}}`, input), capture.CodeNoInput},
		"bad Base64":      {of(head+`"data":"*","encoding":"BASE64"}}}`, input), capture.CodeEncoding},
		"new encoding":    {of(head+`"data":"","encoding":"GZIP"}}}`, input), capture.CodeEncoding},
		"several answers": {of(`{"captureData":{"endpointOutput":{"data":"0.1,0.9\n0.2,0.8","encoding":"CSV"}}}`, output), capture.CodeManyAnswers},
	} {
		bad, ok := errors.AsType[*capture.RecordError](c.err)
		if !ok || bad.Code != c.want {
			t.Errorf("%s: %v, want code %s", name, c.err, c.want)
		}
	}
}
