package serve

import (
	"net/http"
	"slices"
	"strings"
)

// A route is one path of a door. Pattern is package http's.
type route struct {
	method, pattern string
	door            door
	handle          handler
}

// routes are every path that is answered. openapi.json describes them; a test compares the two.
func (s *Server) routes() []route {
	return slices.Concat([]route{
		{"GET", "/ping", containerDoor, s.ping},
		{"POST", "/invocations", containerDoor, s.invocations},
		{"GET", "/execution-parameters", containerDoor, s.executionParameters},
		{"GET", "/openapi.json", plainDoor, s.serveOpenAPI},
		{"POST", "/endpoints/{endpoint}/invocations", runtimeDoor, s.invokeEndpoint},
		{"POST", "/endpoints/{endpoint}/invocations-response-stream", runtimeDoor, s.invokeStream},
		{"POST", "/endpoints/{endpoint}/async-invocations", runtimeDoor, s.invokeAsync},
	}, s.probeRoutes(), s.inferenceRoutes(), s.multiModelRoutes())
}

// probeRoutes are what machines ask about the server itself.
func (s *Server) probeRoutes() []route {
	return []route{
		{"GET", "/healthz", plainDoor, s.healthz},
		{"GET", "/readyz", plainDoor, s.readyz},
		{"GET", "/metrics", plainDoor, s.serveMetrics},
	}
}

// mux sends a request to its route. A path with other methods answers 405 with Allow, what is left 404.
func (s *Server) mux(routes []route) http.Handler {
	mux := http.NewServeMux()
	allowed := make(map[string][]string)
	doors := make(map[string]door)
	for _, r := range routes {
		mux.Handle(r.method+" "+r.pattern, s.exchange(r.door, r.handle))
		allowed[r.pattern] = append(allowed[r.pattern], r.method)
		doors[r.pattern] = r.door
	}
	for pattern, methods := range allowed {
		if slices.Contains(methods, "GET") {
			methods = append(methods, "HEAD")
		}
		allow := strings.Join(methods, ", ")
		mux.Handle(pattern, s.exchange(doors[pattern], func(x *exchange) *problem {
			x.w.Header().Set("Allow", allow)
			return newProblem(wrongMethod, "%s is not allowed here; use %s", clip(x.r.Method), allow)
		}))
	}
	mux.Handle("/", s.exchange(plainDoor, func(x *exchange) *problem {
		return newProblem(noPath, "there is no %s; /openapi.json describes what there is", clip(x.r.URL.Path))
	}))
	return mux
}

// healthz says that the process lives.
func (s *Server) healthz(x *exchange) *problem {
	x.write(http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	return nil
}

// readyz says whether requests are welcome.
func (s *Server) readyz(x *exchange) *problem {
	if !s.ready() {
		return newProblem(notReady, "%s", s.notReadyText())
	}
	x.write(http.StatusOK, "text/plain; charset=utf-8", []byte("ready\n"))
	return nil
}
