package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// checkToken demands the token, as a bearer token or as the password of basic authentication, which browsers ask for. Health checks
// need none, and requests that are signed are checked by their signature.
func (s *Server) checkToken(x *exchange) *problem {
	if s.o.Token == "" {
		return nil
	}
	switch path := x.r.URL.Path; {
	case path == "/ping", path == "/healthz", path == "/readyz":
		return nil
	case x.door == runtimeDoor && s.o.Keys != nil:
		return nil
	}
	shown, bearer := strings.CutPrefix(x.r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		_, shown, _ = x.r.BasicAuth()
	}
	if equal(shown, s.o.Token) {
		return nil
	}
	h := x.w.Header()
	h.Add("WWW-Authenticate", `Bearer realm="scones"`)
	h.Add("WWW-Authenticate", `Basic realm="scones", charset="UTF-8"`)
	return newProblem(unauthorized, "this server asks for its token: send Authorization: Bearer TOKEN, or the token as the password")
}

// equal compares secrets in a time that tells nothing about them.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
