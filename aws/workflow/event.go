package workflow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// An event is what the steps hand on.
type event struct {
	imageData string // base64
	object    Reference
	scores    []float64 // in class order; empty before classify
	label     string
	model     string
	fields    map[string]any // whatever else came, handed on as it is
}

// ObjectOf returns the object that an event names, for logs; it is empty where none is named.
func ObjectOf(payload json.RawMessage) Reference {
	e, err := readEvent(payload)
	if err != nil {
		return Reference{}
	}
	return e.object
}

// maxWrappers is how deep an event may lie in bodies and payloads.
const maxWrappers = 5

// readEvent reads an event in any of the shapes that copies of the seed produce: in a body or Payload, as an object or as its text,
// with inferences as a list or as its text; also the notifications that S3 sends, itself and through EventBridge. Errors are called
// [InputInvalid].
func readEvent(payload []byte) (*event, error) {
	object, err := unwrap(payload)
	if err != nil {
		return nil, &Error{InputInvalid, fmt.Errorf("read event: %w", err)}
	}
	e := &event{fields: maps.Clone(object)}
	for _, field := range []struct {
		to    *string
		names []string
	}{
		{&e.imageData, []string{"image_data"}},
		{&e.object.Bucket, []string{"s3_bucket", "bucket", "Bucket"}},
		{&e.object.Key, []string{"s3_key", "key", "Key"}},
		{&e.object.Version, []string{"s3_version"}},
		{&e.object.ETag, []string{"s3_etag"}},
		{&e.label, []string{"label"}},
		{&e.model, []string{"model"}},
	} {
		for _, name := range field.names {
			value, there := object[name]
			text, isText := value.(string)
			if there && !isText && value != nil {
				return nil, failf(InputInvalid, "read event: %s is no text", name)
			}
			if *field.to == "" {
				*field.to = text
			}
			delete(e.fields, name)
		}
	}
	e.imageData = strings.NewReplacer("\r", "", "\n", "").Replace(e.imageData) // some encoders break lines
	delete(e.fields, "confidence")
	delete(e.fields, "inferences")
	if e.scores, err = readScores(object["inferences"]); err != nil {
		return nil, &Error{InputInvalid, fmt.Errorf("read event: inferences: %w", err)}
	}
	return e, nil
}

// unwrap finds the event's own object.
func unwrap(payload []byte) (map[string]any, error) {
	var value any
	for range maxWrappers {
		if value == nil {
			decoder := json.NewDecoder(bytes.NewReader(payload))
			decoder.UseNumber()
			if err := decoder.Decode(&value); err != nil {
				return nil, err
			}
			if value == nil {
				return nil, fmt.Errorf("it is null")
			}
		}
		switch v := value.(type) {
		case string: // an object as its text
			value, payload = nil, []byte(v)
		case map[string]any:
			inner := inside(v)
			if inner == nil {
				return v, nil
			}
			value = inner
		default:
			return nil, fmt.Errorf("it is no JSON object")
		}
	}
	return nil, fmt.Errorf("it lies in more than %d bodies", maxWrappers)
}

// inside returns what an envelope holds, nil for what is no envelope.
func inside(object map[string]any) any {
	for _, name := range []string{"body", "Payload"} {
		if inner, ok := object[name]; ok && inner != nil {
			return inner
		}
	}
	if records, ok := object["Records"].([]any); ok && len(records) == 1 {
		record, _ := records[0].(map[string]any)
		s3, _ := record["s3"].(map[string]any)
		return notified(s3, url.QueryUnescape) // S3 itself escapes keys
	}
	if detail, ok := object["detail"].(map[string]any); ok {
		return notified(detail, func(key string) (string, error) { return key, nil })
	}
	return nil
}

// notified is the event that a notification of a new object stands for.
func notified(of map[string]any, unescape func(string) (string, error)) any {
	bucket, _ := of["bucket"].(map[string]any)
	object, _ := of["object"].(map[string]any)
	key, _ := object["key"].(string)
	if plain, err := unescape(key); err == nil {
		key = plain
	}
	return map[string]any{"s3_bucket": bucket["name"], "s3_key": key}
}

// readScores reads inferences: a list, the text of one, or an object that has it under prediction; nothing when there is none yet.
func readScores(value any) ([]float64, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		if strings.TrimSpace(v) == "" {
			return nil, nil
		}
		decoder := json.NewDecoder(strings.NewReader(v))
		decoder.UseNumber()
		var inner any
		if err := decoder.Decode(&inner); err != nil {
			return nil, err
		}
		if _, again := inner.(string); again {
			return nil, fmt.Errorf("text within text")
		}
		return readScores(inner)
	case map[string]any:
		return readScores(v["prediction"])
	case []any:
		scores := make([]float64, len(v))
		for i, item := range v {
			number, ok := item.(json.Number)
			if !ok {
				return nil, fmt.Errorf("item %d is no number", i+1)
			}
			score, err := number.Float64()
			if err != nil || score < 0 || score > 1 {
				return nil, fmt.Errorf("item %d is %s, not a probability", i+1, number)
			}
			scores[i] = score
		}
		return scores, nil
	}
	return nil, fmt.Errorf("neither a list nor the text of one")
}

// wrapped writes the event in the seed's shape, with label, confidence and model besides. The seed's last step gives its body as text.
func (e *event) wrapped(bodyAsText bool) json.RawMessage {
	body := map[string]any{}
	maps.Copy(body, e.fields)
	maps.Copy(body, map[string]any{"image_data": e.imageData, "s3_bucket": e.object.Bucket, "s3_key": e.object.Key})
	if e.imageData == "" && e.object.ETag != "" {
		body["s3_version"], body["s3_etag"] = e.object.Version, e.object.ETag
	}
	body["inferences"] = []any{}
	if len(e.scores) > 0 {
		body["inferences"] = formatScores(e.scores) // text, as the endpoint answered it
		body["label"], body["model"] = e.label, e.model
		body["confidence"] = json.Number(formatScore(e.scores[e.best()]))
	}
	answer := map[string]any{"statusCode": 200, "body": body}
	if bodyAsText {
		answer["body"] = string(encode(body))
	}
	return encode(answer)
}

// encode writes JSON without escaping what HTML would need. The values are text, numbers and what came out of JSON, so it cannot fail.
func encode(value any) json.RawMessage {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// formatScores writes scores as the endpoint's container does, which is Python: [0.9388836622238159, 4.07068437198177e-05].
func formatScores(scores []float64) string {
	texts := make([]string, len(scores))
	for i, score := range scores {
		texts[i] = formatScore(score)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// formatScore writes one number as Python's repr does: the shortest that reads back, with an exponent below 0.0001 and a point always.
func formatScore(score float64) string {
	if score != 0 && score < 1e-4 {
		return strconv.FormatFloat(score, 'e', -1, 64)
	}
	text := strconv.FormatFloat(score, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
