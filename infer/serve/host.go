package serve

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// checkHost refuses a Host header that names a machine which this is not. A page whose name was pointed at this machine (DNS
// rebinding) carries its own name there.
func (s *Server) checkHost(r *http.Request) *problem {
	if s.o.Hosts == nil {
		return nil
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || slices.Contains(s.o.Hosts, host) {
		return nil
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	return newProblem(wrongHost, "this server is not called %q; ask it by its address, or start it with --host %s", clip(host), clip(host))
}
