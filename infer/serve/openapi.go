package serve

import (
	_ "embed" // for openapi.json
	"net/http"
)

// openAPI describes every route. A test compares it with them, and another with a validator's rules.
//
//go:embed openapi.json
var openAPI []byte

func (s *Server) serveOpenAPI(x *exchange) *problem {
	x.write(http.StatusOK, "application/json", openAPI)
	return nil
}
