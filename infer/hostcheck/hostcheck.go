// Package hostcheck keeps pages of other sites from a server on this machine: a name that was pointed at it (DNS rebinding) stands in the
// Host header of what they send.
package hostcheck

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Name is the machine that a Host header names, in lower case, without port and brackets.
func Name(header string) string {
	host := header
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
}

// Allowed tells a name by which a server may be called: localhost, an address, or one of names.
func Allowed(name string, names []string) bool {
	if name == "localhost" || slices.Contains(names, name) {
		return true
	}
	_, err := netip.ParseAddr(name)
	return err == nil
}

// Handler answers 421 to whoever calls the server by another name.
func Handler(next http.Handler, names ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Allowed(Name(r.Host), names) {
			http.Error(w, "this server is not called so; ask it by its address", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
