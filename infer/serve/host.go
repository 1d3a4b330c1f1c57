package serve

import (
	"net/http"

	"github.com/scones-unlimited/scones/infer/hostcheck"
)

// checkHost refuses a Host header that names a machine which this is not. A page whose name was pointed at this machine (DNS
// rebinding) carries its own name there.
func (s *Server) checkHost(r *http.Request) *problem {
	if s.o.Hosts == nil {
		return nil
	}
	host := hostcheck.Name(r.Host)
	if hostcheck.Allowed(host, s.o.Hosts) {
		return nil
	}
	return newProblem(wrongHost, "this server is not called %q; ask it by its address, or start it with --host %s", clip(host), clip(host))
}
