package capture

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// MaxClasses bounds the numbers of one answer.
const MaxClasses = 1 << 20

// answerKeys are the keys under which servers put the scores: SageMaker's image classification in JSON lines, TensorFlow Serving, and
// what containers of one's own use.
var answerKeys = []string{"prediction", "predictions", "probabilities", "scores", "outputs", "inferences"}

// ParseScores reads the scores of one picture out of an endpoint's answer, whatever its content type says: a JSON list, the same as a
// list of one row, as a string, or under a key such as "predictions"; or numbers with commas between them. Each number is the nearest
// float32. Errors are [*RecordError].
func ParseScores(contentType string, body []byte) ([]float32, error) {
	text := bytes.TrimSpace(body)
	if len(text) == 0 {
		return nil, refuse(CodeNotScores, "the answer is empty")
	}
	if bytes.IndexByte([]byte(`[{"`), text[0]) < 0 {
		return parseCSV(contentType, string(text))
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, refuse(CodeNotScores, "read the answer: %w", err)
	}
	if dec.More() {
		return nil, refuse(CodeManyAnswers, "the answer holds more than one JSON value; one picture has one answer")
	}
	return scoresOf(value, 0)
}

// scoresOf unwraps an answer; nesting counts what was unwrapped.
func scoresOf(value any, nesting int) ([]float32, error) {
	const deepest = 4
	if nesting > deepest {
		return nil, refuse(CodeNotScores, "the answer is nested too deep for a list of scores")
	}
	switch v := value.(type) {
	case string:
		return ParseScores("", []byte(v[:min(len(v), 64<<20)]))
	case map[string]any:
		for _, key := range answerKeys {
			if inner, ok := v[key]; ok {
				return scoresOf(inner, nesting+1)
			}
		}
		return nil, refuse(CodeNotScores, "the answer is an object without any of %s", strings.Join(answerKeys, ", "))
	case []any:
		return scoresOfList(v, nesting)
	}
	return nil, refuse(CodeNotScores, "the answer is no list of numbers")
}

func scoresOfList(list []any, nesting int) ([]float32, error) {
	if len(list) == 0 {
		return nil, refuse(CodeNotScores, "the answer is an empty list")
	}
	if _, number := list[0].(json.Number); !number {
		if len(list) > 1 {
			return nil, refuse(CodeManyAnswers, "the answer has %d rows; one picture has one", len(list))
		}
		return scoresOf(list[0], nesting+1)
	}
	if len(list) > MaxClasses {
		return nil, refuse(CodeNotScores, "the answer has %d numbers, at most %d are read", len(list), MaxClasses)
	}
	scores := make([]float32, len(list))
	for i, value := range list {
		number, ok := value.(json.Number)
		if !ok {
			return nil, refuse(CodeNotScores, "entry %d of the answer is no number", i)
		}
		score, err := parseScore(number.String())
		if err != nil {
			return nil, refuse(CodeNotScores, "entry %d of the answer: %w", i, err)
		}
		scores[i] = score
	}
	return scores, nil
}

func parseCSV(contentType, text string) ([]float32, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, refuse(CodeManyAnswers, "the answer has more than one line; one picture has one")
	}
	fields := strings.SplitN(text, ",", MaxClasses+1)
	if len(fields) > MaxClasses {
		return nil, refuse(CodeNotScores, "the answer has more than %d numbers", MaxClasses)
	}
	scores := make([]float32, len(fields))
	for i, field := range fields {
		score, err := parseScore(strings.TrimSpace(field))
		if err != nil {
			return nil, refuse(CodeNotScores, "the answer (%s) is neither JSON nor numbers with commas between them: entry %d: %w", orNone(contentType), i, err)
		}
		scores[i] = score
	}
	return scores, nil
}

func orNone(contentType string) string {
	if contentType == "" {
		return "without a content type"
	}
	return contentType
}

// parseScore goes straight to float32, because a way through float64 would round twice. A number out of range is an error, NaN too.
func parseScore(text string) (float32, error) {
	v, err := strconv.ParseFloat(text, 32)
	if err == nil && v != v {
		err = strconv.ErrSyntax
	}
	return float32(v), err
}
