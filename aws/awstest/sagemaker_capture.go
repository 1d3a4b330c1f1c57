package awstest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// captureRoll is after how long a file of captured inferences is written.
const captureRoll = time.Minute

// A captureFile is one that is being filled.
type captureFile struct {
	variant string
	first   time.Time
	id      string
	lines   bytes.Buffer
}

type capturedBody struct {
	ObservedContentType string `json:"observedContentType"`
	Mode                string `json:"mode"`
	Data                string `json:"data"`
	Encoding            string `json:"encoding"`
}

// capture keeps a request and its answer, where the endpoint's configuration says so.
func (c *call) capture(e *endpoint, v *variant, answer []byte) {
	d := e.captureConfig(v)
	if d == nil || !value(d.EnableCapture) || e.invoked%100 >= int(value(d.InitialSamplingPercentage)) && value(d.InitialSamplingPercentage) < 100 {
		return
	}
	var record struct {
		CaptureData struct {
			EndpointInput  *capturedBody `json:"endpointInput,omitempty"`
			EndpointOutput *capturedBody `json:"endpointOutput,omitempty"`
		} `json:"captureData"`
		EventMetadata struct {
			EventID       string `json:"eventId"`
			InferenceID   string `json:"inferenceId,omitempty"`
			InferenceTime string `json:"inferenceTime"`
		} `json:"eventMetadata"`
		EventVersion string `json:"eventVersion"`
	}
	has := func(modes ...types.CaptureMode) bool {
		return slices.ContainsFunc(d.CaptureOptions, func(o types.CaptureOption) bool { return slices.Contains(modes, o.CaptureMode) })
	}
	if has(types.CaptureModeInput, types.CaptureModeInputAndOutput) {
		record.CaptureData.EndpointInput = captured("INPUT", c.request.Header.Get("Content-Type"), c.body, d)
	}
	if has(types.CaptureModeOutput, types.CaptureModeInputAndOutput) {
		record.CaptureData.EndpointOutput = captured("OUTPUT", "application/json", answer, d)
	}
	record.EventMetadata.EventID = c.Server.id()
	record.EventMetadata.InferenceID = c.request.Header.Get("X-Amzn-Sagemaker-Inference-Id")
	record.EventMetadata.InferenceTime = c.now.Format(time.RFC3339)
	record.EventVersion = "0"
	line, err := json.Marshal(record)
	if err != nil {
		c.t.Errorf("awstest: capture: %v", err)
		return
	}
	if e.captured == nil {
		e.captured = &captureFile{variant: *v.VariantName, first: c.now, id: c.Server.id()}
	}
	e.captured.lines.Write(append(line, '\n'))
}

func (e *endpoint) captureConfig(v *variant) *types.DataCaptureConfig {
	if e.update != nil {
		for i := range e.update.fleet {
			if v == &e.update.fleet[i] {
				return e.update.capture
			}
		}
	}
	return e.capture
}

// captured is a body as it is written: as it is where its type is one of text that the configuration lists, else in base64.
func captured(mode, contentType string, body []byte, d *types.DataCaptureConfig) *capturedBody {
	b := &capturedBody{ObservedContentType: contentType, Mode: mode, Data: base64.StdEncoding.EncodeToString(body), Encoding: "BASE64"}
	if h := d.CaptureContentTypeHeader; h != nil {
		switch {
		case slices.Contains(h.JsonContentTypes, contentType):
			b.Data, b.Encoding = string(body), "JSON"
		case slices.Contains(h.CsvContentTypes, contentType):
			b.Data, b.Encoding = string(body), "CSV"
		}
	}
	return b
}

// flushCapture writes the file that is being filled when its time has come, if the model's role may.
func (r *region) flushCapture(e *endpoint, now bool) {
	f := e.captured
	if f == nil || !now && r.now.Sub(f.first) < captureRoll {
		return
	}
	e.captured = nil
	d := e.capture
	if d == nil || len(e.variants) == 0 || e.variants[0].model == nil {
		return
	}
	bucket, prefix, _ := splitS3(value(d.DestinationS3Uri))
	key := fmt.Sprintf("%s/%s/%s/%s-%s.jsonl", strings.Trim(prefix, "/"), e.name, f.variant, f.first.Format("2006/01/02/15/04-05-000"), f.id)
	key = strings.TrimPrefix(key, "/")
	b := r.s3.buckets[bucket]
	if b == nil || !r.may(value(e.variants[0].model.in.ExecutionRoleArn), "s3:PutObject", "arn:aws:s3:::"+bucket+"/"+key, nil) {
		return
	}
	r.store(b, key, f.lines.Bytes(), "application/octet-stream")
}
