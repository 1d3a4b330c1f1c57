package serve

import (
	"net/http"

	"github.com/scones-unlimited/scones/model"
)

// The Open Inference Protocol, version 2, as KServe's specification and Triton's extensions "binary_tensor_data" and "classification"
// define it. Two inputs are offered, one of which a request gives: pictures as they are, or ready tensors for the graph's own input.
const (
	// pictureInput takes BYTES, one encoded picture an element.
	pictureInput = "image"
	// scoresOutput gives FP32 probabilities, [N, classes].
	scoresOutput = "probabilities"
	// labelOutput gives BYTES, the most probable class's label, [N].
	labelOutput = "label"
	// modelVersion is the only version that a model has.
	modelVersion = "1"
)

// inferenceRoutes are the Open Inference Protocol's.
func (s *Server) inferenceRoutes() []route {
	routes := []route{
		{"GET", "/v2", inferenceDoor, s.serverMetadata},
		{"GET", "/v2/health/live", inferenceDoor, s.healthz},
		{"GET", "/v2/health/ready", inferenceDoor, s.readyz},
		{"GET", "/v2/models", inferenceDoor, s.modelList},
		{"POST", "/v2/repository/index", inferenceDoor, s.repositoryIndex},
	}
	for _, prefix := range []string{"/v2/models/{model}", "/v2/models/{model}/versions/{version}"} {
		routes = append(routes,
			route{"GET", prefix, inferenceDoor, s.ofModel(s.modelMetadata)},
			route{"GET", prefix + "/ready", inferenceDoor, s.ofModel(modelReady)},
			route{"POST", prefix + "/infer", inferenceDoor, s.ofModel(s.infer)},
		)
	}
	return routes
}

// ofModel finds the model of the path and keeps it for the time of the request.
func (s *Server) ofModel(handle func(*exchange, *engine) *problem) handler {
	return func(x *exchange) *problem {
		name := x.r.PathValue("model")
		if v := x.r.PathValue("version"); v != "" && v != modelVersion {
			return newProblem(unknownName, "model %q has no version %q; the only one is %s", clip(name), clip(v), modelVersion)
		}
		e, p := s.acquire(x, name)
		if p != nil {
			return p
		}
		defer e.release()
		x.model = e.model.Name
		return handle(x, e)
	}
}

func (s *Server) serverMetadata(x *exchange) *problem {
	x.writeJSON(http.StatusOK, struct {
		Name       string   `json:"name"`
		Version    string   `json:"version"`
		Extensions []string `json:"extensions"`
	}{"scones", s.o.Version, []string{"binary_tensor_data", "classification"}})
	return nil
}

func (s *Server) modelList(x *exchange) *problem {
	x.writeJSON(http.StatusOK, map[string][]string{"models": append([]string{}, s.models.list()...)})
	return nil
}

// repositoryIndex lists the models as Triton's model repository extension does.
func (s *Server) repositoryIndex(x *exchange) *problem {
	type entry struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		State   string `json:"state"`
		Reason  string `json:"reason"`
	}
	list := []entry{}
	for _, name := range s.models.list() {
		list = append(list, entry{name, modelVersion, "READY", ""})
	}
	x.writeJSON(http.StatusOK, list)
	return nil
}

// A tensorInfo describes an input or an output.
type tensorInfo struct {
	Name     string  `json:"name"`
	Datatype string  `json:"datatype"`
	Shape    []int64 `json:"shape"`
}

func (s *Server) modelMetadata(x *exchange, e *engine) *problem {
	in := &e.model.Classifier.Model.Input
	x.writeJSON(http.StatusOK, struct {
		Name     string       `json:"name"`
		Versions []string     `json:"versions"`
		Platform string       `json:"platform"`
		Inputs   []tensorInfo `json:"inputs"`
		Outputs  []tensorInfo `json:"outputs"`
	}{
		e.model.Name, []string{modelVersion}, "onnxruntime_onnx",
		[]tensorInfo{{pictureInput, "BYTES", []int64{-1}}, {in.Name, datatype(in.Element), append([]int64{-1}, pictureShape(in)...)}},
		[]tensorInfo{{scoresOutput, "FP32", []int64{-1, int64(len(e.model.Classifier.Model.Labels))}}, {labelOutput, "BYTES", []int64{-1}}},
	})
	return nil
}

func modelReady(x *exchange, e *engine) *problem {
	if e.broken.Load() {
		return newProblem(notReady, "the runtime fails; the server's log says why")
	}
	x.write(http.StatusOK, "", nil)
	return nil
}

// datatype is the protocol's name of an element type.
func datatype(e model.Element) string {
	return map[model.Element]string{model.Uint8: "UINT8", model.Float16: "FP16", model.Float32: "FP32"}[e]
}

// pictureShape is the shape of one ready picture.
func pictureShape(in *model.Input) []int64 {
	if in.Layout == model.NHWC {
		return []int64{int64(in.Height), int64(in.Width), int64(in.Channels)}
	}
	return []int64{int64(in.Channels), int64(in.Height), int64(in.Width)}
}
