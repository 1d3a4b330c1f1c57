package serve

import (
	"context"
	"net/http"
	"sync"
)

// ping answers SageMaker's health check: good once a real inference has run, until the runtime fails or the server is told to stop.
func (s *Server) ping(x *exchange) *problem {
	if !s.ready() {
		return newProblem(notReady, "%s", s.notReadyText())
	}
	x.write(http.StatusOK, "", nil)
	return nil
}

// executionParameters tell batch transform what suits this server: pictures one by one, as many at once as keep the workers busy.
func (s *Server) executionParameters(x *exchange) *problem {
	const most = 100 // MaxConcurrentTransforms × MaxPayloadInMB, SageMaker's limit
	megabytes := max(int(s.o.MaxPayload>>20), 1)
	atOnce := 1
	if e := s.models.acquire(""); e != nil {
		atOnce = 2 * e.model.Plan.Workers * e.model.Plan.Batch
		e.release()
	}
	x.writeJSON(http.StatusOK, struct {
		MaxConcurrentTransforms int
		BatchStrategy           string
		MaxPayloadInMB          int
	}{max(min(atOnce, most/megabytes, s.o.Queue), 1), "SINGLE_RECORD", min(megabytes, most)})
	return nil
}

// invocations answers for the picture in the body with the first model.
func (s *Server) invocations(x *exchange) *problem { return s.invoke(x, "") }

// invoke answers for the picture in the body with a model, "" for the first.
func (s *Server) invoke(x *exchange, name string) *problem {
	e, p := s.acquire(x, name)
	if p != nil {
		return p
	}
	defer e.release()
	x.model = e.model.Name
	f, ok := chooseFormat(x.r.Header.Get("Accept"))
	if !ok {
		return newProblem(notAcceptable, "no answer in %q; accepted are application/json, application/json;verbose=1 and application/jsonlines",
			clip(x.r.Header.Get("Accept")))
	}
	if p := checkPicture(x); p != nil {
		return p
	}
	room := answers.Get().(*room)
	defer answers.Put(room)
	a, p := s.classifyBody(x, e, room.scores)
	if p != nil {
		return p
	}
	room.scores = a.scores
	body, err := appendAnswer(room.text[:0], f, e, a)
	if err != nil {
		return newProblem(scoring, "the model's answer makes no sense; the server's log says why").because(err)
	}
	room.text = body
	x.write(http.StatusOK, f.contentType(), body)
	s.captureAnswer(x, f.contentType(), body)
	return nil
}

// A room holds what an answer is put together in.
type room struct {
	scores []float32
	text   []byte
}

var answers = sync.Pool{New: func() any { return new(room) }}

// classifyBody admits a request, reads its body and answers for the picture in it.
func (s *Server) classifyBody(x *exchange, e *engine, dst []float32) (answer, *problem) {
	leave, p := s.admit(x, e)
	if p != nil {
		return answer{}, p
	}
	defer leave()
	body, p := s.readBody(x)
	if p != nil {
		return answer{}, p
	}
	defer s.keepBody(x, body)
	if x.signature != nil {
		if p := x.signature.verify(x.r, *body); p != nil {
			return answer{}, p
		}
	}
	if len(*body) == 0 {
		return answer{}, newProblem(emptyBody, "ClientError: Loading image data failed with exception: the body is empty; send the bytes of a picture")
	}
	ctx, cancel := context.WithDeadline(x.r.Context(), x.start.Add(s.o.Timeout))
	defer cancel()
	a, err := e.classify(ctx, dst, *body)
	if err != nil {
		return a, problemOf(ctx, err)
	}
	x.answer = a
	x.label, x.score = e.top(a.scores)
	s.trace(ctx, e, a)
	return a, nil
}

func (s *Server) noModel(name string) *problem {
	if name == "" {
		return newProblem(notReady, "%s", s.notReadyText()).after(0)
	}
	return newProblem(unknownName, "there is no model %q; GET /v2/models lists them", clip(name))
}

func (s *Server) notReadyText() string {
	switch {
	case s.phase.Load() != serving:
		return "the server is stopping"
	case len(s.models.list()) == 0:
		return "the model is still being loaded; try again in a moment"
	}
	return "the runtime fails; the server's log says why"
}
