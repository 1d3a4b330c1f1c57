package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// SageMaker's multi-model contract: the platform loads and unloads models by name and sends each request to one ("Build Your Own
// Container for SageMaker AI Multi-Model Endpoints").

// multiModelRoutes are that contract's.
func (s *Server) multiModelRoutes() []route {
	return []route{
		{"GET", "/models", containerDoor, s.listModels},
		{"POST", "/models", containerDoor, s.loadModel},
		{"GET", "/models/{model}", containerDoor, s.describeModel},
		{"DELETE", "/models/{model}", containerDoor, s.unloadModel},
		{"POST", "/models/{model}/invoke", containerDoor, func(x *exchange) *problem { return s.invoke(x, x.r.PathValue("model")) }},
	}
}

const (
	// maxLoadRequest bounds the body of POST /models.
	maxLoadRequest = 16 << 10
	// modelPage is the number of models in one answer of GET /models.
	modelPage = 100
)

// A loadedModel is a model in the contract's words.
type loadedModel struct {
	Name string `json:"modelName"`
	URL  string `json:"modelUrl"`
}

func (s *Server) listModels(x *exchange) *problem {
	names := s.models.list()
	start := 0
	if token := x.r.URL.Query().Get("next_page_token"); token != "" {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 || n > len(names) {
			return newProblem(badRequest, "next_page_token %q is none that was given out", clip(token))
		}
		start = n
	}
	end := min(start+modelPage, len(names))
	answer := struct {
		Models []loadedModel `json:"models"`
		Next   *string       `json:"nextPageToken,omitempty"`
	}{Models: []loadedModel{}}
	for _, name := range names[start:end] {
		answer.Models = append(answer.Models, s.loadedModel(name))
	}
	if end < len(names) {
		answer.Next = new(strconv.Itoa(end))
	}
	x.writeJSON(http.StatusOK, answer)
	return nil
}

func (s *Server) loadedModel(name string) loadedModel {
	m := loadedModel{Name: name}
	if o := s.catalog.find(name); o != nil && o.fetched { // what flags named is nobody's business
		m.URL = o.Path
	}
	return m
}

func (s *Server) describeModel(x *exchange) *problem {
	name := x.r.PathValue("model")
	e := s.models.acquire(name)
	if e == nil {
		return notLoaded(name)
	}
	e.release()
	x.writeJSON(http.StatusOK, s.loadedModel(name))
	return nil
}

func notLoaded(name string) *problem {
	return newProblem(unknownName, "model %q is not loaded; load it with POST /models", clip(name))
}

// loadModel loads what the platform unpacked.
func (s *Server) loadModel(x *exchange) *problem {
	if s.o.Store == nil {
		return newProblem(forbidden, "this server loads no models on request; start it with --model-store DIR")
	}
	var asked struct {
		Name string `json:"model_name"`
		URL  string `json:"url"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(x.w, x.r.Body, maxLoadRequest)).Decode(&asked); err != nil || asked.Name == "" || asked.URL == "" {
		return newProblem(badRequest, `the body must be {"model_name": NAME, "url": PATH}`).because(err)
	}
	if checkName(asked.Name) != nil {
		return newProblem(badRequest, "model_name %q: 1 to 63 letters, digits, hyphens, dots and underscores, a letter or digit at both ends", clip(asked.Name))
	}
	if s.catalog.find(asked.Name) != nil || !s.unused(asked.Name) {
		return newProblem(alreadyLoaded, "model %q is loaded; unload it first with DELETE /models/%s", asked.Name, asked.Name)
	}
	source, err := s.o.Store(asked.Name, asked.URL)
	if err != nil {
		return newProblem(badRequest, "url %q is no model below the server's --model-store", clip(asked.URL)).because(err)
	}
	source.Name, source.Path = asked.Name, asked.URL
	ctx, cancel := context.WithDeadline(x.r.Context(), x.start.Add(s.o.Timeout))
	defer cancel()
	if err := s.fetch(ctx, source); err != nil {
		if errors.Is(err, errTaken) {
			return newProblem(alreadyLoaded, "model %q is loaded; unload it first with DELETE /models/%s", asked.Name, asked.Name)
		}
		return s.loadProblem(ctx, err)
	}
	x.model = asked.Name
	x.writeJSON(http.StatusOK, s.loadedModel(asked.Name))
	return nil
}

func (s *Server) unused(name string) bool {
	e := s.models.acquire(name)
	if e != nil {
		e.release()
	}
	return e == nil
}

// errTaken is a name that another request took meanwhile.
var errTaken = errors.New("the name is taken")

// fetch offers and loads a model, or leaves no trace of it.
func (s *Server) fetch(ctx context.Context, source Source) error {
	giveBack, err := s.catalog.take(ctx)
	if err != nil {
		return err
	}
	defer giveBack()
	if s.catalog.find(source.Name) != nil {
		return errTaken
	}
	o := &offered{Source: source, fetched: true}
	s.catalog.offer(o)
	if err := s.install(ctx, o, changeLoaded); err != nil {
		s.catalog.withdraw(source.Name)
		return err
	}
	return nil
}

// unloadModel takes a model out of service and answers once its memory is free.
func (s *Server) unloadModel(x *exchange) *problem {
	name := x.r.PathValue("model")
	if s.o.Store == nil {
		return newProblem(forbidden, "this server unloads no models on request; start it with --model-store DIR")
	}
	ctx, cancel := context.WithDeadline(x.r.Context(), x.start.Add(s.o.Timeout))
	defer cancel()
	giveBack, err := s.catalog.take(ctx)
	if err != nil {
		return problemOf(ctx, err)
	}
	defer giveBack()
	if o := s.catalog.find(name); o == nil || !o.fetched {
		return notLoaded(name)
	}
	s.catalog.withdraw(name)
	if e := s.models.remove(name); e != nil {
		s.metrics.models.changes.WithLabelValues(changeDropped).Inc()
		e.release()
		if err := e.awaitFree(ctx); err != nil {
			return problemOf(ctx, err)
		}
	}
	x.write(http.StatusOK, "", nil)
	return nil
}
