package serve

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
)

// checkOutputs refuses outputs that there are not. Without any, all are given.
func (r *inferRequest) checkOutputs() *problem {
	if len(r.Outputs) == 0 {
		r.Outputs = []inferOutput{{Name: scoresOutput}, {Name: labelOutput}}
	}
	for _, out := range r.Outputs {
		if out.Name != scoresOutput && out.Name != labelOutput {
			return newProblem(badRequest, "there is no output %q; there are %q and %q", clip(out.Name), scoresOutput, labelOutput)
		}
		if out.Parameters.Classification < 0 || out.Parameters.Classification > 0 && out.Name != scoresOutput {
			return newProblem(badRequest, "output %q: classification must be 1 or more, and is for %q", out.Name, scoresOutput)
		}
	}
	return nil
}

// An outputTensor is one output of an answer.
type outputTensor struct {
	Name       string          `json:"name"`
	Datatype   string          `json:"datatype"`
	Shape      []int           `json:"shape"`
	Parameters map[string]any  `json:"parameters,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
}

// writeInfer writes the outputs that were asked for, in JSON or with binary tensors behind it.
func (s *Server) writeInfer(x *exchange, e *engine, r *inferRequest, all []answer) *problem {
	var tensors []outputTensor
	var tail []byte
	for _, want := range r.Outputs {
		binaryData := r.Parameters.BinaryOutput
		if b := want.Parameters.Binary; b != nil {
			binaryData = *b
		}
		t := outputTensor{Name: want.Name, Datatype: "BYTES", Shape: []int{len(all)}}
		text := make([]string, 0, len(all))
		switch k := min(want.Parameters.Classification, len(all[0].scores)); {
		case want.Name == labelOutput || k > 0:
			for _, a := range all {
				classes, err := e.model.Classifier.Model.Rank(a.scores, max(k, 1))
				if err != nil {
					return newProblem(scoring, "the model's answer makes no sense; the server's log says why").because(err)
				}
				for _, c := range classes {
					if k > 0 {
						text = append(text, fmt.Sprintf("%f:%d:%s", c.Score, c.Index, c.Label)) // Triton's form
					} else {
						text = append(text, c.Label)
					}
				}
			}
			if k > 0 {
				t.Shape = append(t.Shape, k)
			}
		default:
			t.Datatype, t.Shape = "FP32", append(t.Shape, len(all[0].scores))
		}
		before := len(tail)
		switch {
		case binaryData && t.Datatype == "FP32":
			tail = appendBinaryScores(tail, all)
		case binaryData:
			tail = appendBinaryText(tail, text)
		case t.Datatype == "FP32":
			t.Data = jsonScores(all)
		default:
			t.Data, _ = json.Marshal(text)
		}
		if binaryData {
			t.Parameters = map[string]any{"binary_data_size": len(tail) - before}
		}
		tensors = append(tensors, t)
	}
	head, err := json.Marshal(struct {
		Model   string         `json:"model_name"`
		Version string         `json:"model_version"`
		ID      string         `json:"id,omitempty"`
		Outputs []outputTensor `json:"outputs"`
	}{e.model.Name, modelVersion, r.ID, tensors})
	if err != nil {
		return newProblem(internal, "the answer could not be written").because(err)
	}
	if tail == nil {
		x.write(http.StatusOK, "application/json", head)
		return nil
	}
	x.w.Header().Set("Inference-Header-Content-Length", strconv.Itoa(len(head)))
	x.write(http.StatusOK, "application/octet-stream", slices.Concat(head, tail))
	return nil
}

// jsonScores writes float32 by the shortest digits that read back the same.
func jsonScores(all []answer) []byte {
	data := []byte{'['}
	for i, a := range all {
		for j, v := range a.scores {
			if i+j > 0 {
				data = append(data, ',')
			}
			data = strconv.AppendFloat(data, float64(v), 'g', -1, 32)
		}
	}
	return append(data, ']')
}

func appendBinaryScores(dst []byte, all []answer) []byte {
	for _, a := range all {
		for _, v := range a.scores {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
		}
	}
	return dst
}

// appendBinaryText writes each element with its length in front.
func appendBinaryText(dst []byte, text []string) []byte {
	for _, t := range text {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(t)))
		dst = append(dst, t...)
	}
	return dst
}
