package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/scones-unlimited/scones/preprocess"
)

// A kind of problem, with the status that each door gives it.
type kind struct {
	// Code is one stable word for programs.
	code string
	// Status on the container's paths, as the built-in algorithm's container answers where that is known.
	container int
	// Status on the Open Inference Protocol's paths.
	inference int
	// Runtime is the exception of the Runtime API and its status. Empty means ModelError, 424, with the container's status in
	// OriginalStatusCode: what the container would have said and not the API in front of it.
	runtime       string
	runtimeStatus int
}

// The kinds. A picture's own problems have the code of [preprocess.Code].
var (
	badPicture    = &kind{"bad-picture", 400, 400, "", 0}
	emptyBody     = &kind{"empty-body", 400, 400, "", 0}
	wrongType     = &kind{"unsupported-content-type", 400, 415, "", 0}
	notAcceptable = &kind{"not-acceptable", 406, 406, "", 0}
	badRequest    = &kind{"bad-request", 400, 400, "ValidationError", 400}
	unknownName   = &kind{"unknown-name", 404, 404, "ValidationError", 400}
	noPath        = &kind{"no-such-path", 404, 404, "ValidationError", 400}
	wrongMethod   = &kind{"method-not-allowed", 405, 405, "ValidationError", 405}
	tooLarge      = &kind{"payload-too-large", 413, 413, "RequestEntityTooLargeException", 413}
	slowBody      = &kind{"slow-body", 408, 408, "RequestTimeoutException", 408}
	overloaded    = &kind{"overloaded", 429, 429, "ServiceUnavailable", 503}
	draining      = &kind{"draining", 503, 503, "ServiceUnavailable", 503}
	notReady      = &kind{"model-not-ready", 503, 503, "ModelNotReadyException", 429}
	alreadyLoaded = &kind{"already-loaded", 409, 409, "ValidationError", 400}
	outOfMemory   = &kind{"out-of-memory", 507, 507, "", 0}
	loadFailed    = &kind{"model-load-failed", 500, 500, "", 0}
	// SageMaker reports an answer that came too late with the original status 0.
	timedOut     = &kind{"timeout", 504, 504, "", 0}
	scoring      = &kind{"inference-failed", 500, 500, "", 0}
	internal     = &kind{"internal", 500, 500, "InternalFailure", 500}
	clientGone   = &kind{"client-gone", 499, 499, "InternalFailure", 499} // seen in the log only
	unauthorized = &kind{"unauthorized", 401, 401, "MissingAuthenticationTokenException", 403}
	forbidden    = &kind{"forbidden", 403, 403, "AccessDeniedException", 403}
	wrongHost    = &kind{"wrong-host", 421, 421, "ValidationError", 421}
)

// A problem is why a request gets no answer: text is for the client and says what to do; cause is for the log.
type problem struct {
	kind  *kind
	code  string // instead of the kind's
	text  string
	cause error
	retry time.Duration
}

func newProblem(k *kind, format string, args ...any) *problem {
	return &problem{kind: k, code: k.code, text: fmt.Sprintf(format, args...)}
}

// after says when another try may help; whole seconds go to the client, one at least.
func (p *problem) after(wait time.Duration) *problem {
	p.retry = max(wait, time.Second)
	return p
}

func (p *problem) because(err error) *problem {
	p.cause = err
	return p
}

func (p *problem) status(d door) int {
	switch {
	case d == inferenceDoor:
		return p.kind.inference
	case d != runtimeDoor:
		return p.kind.container
	case p.kind.runtime == "":
		return http.StatusFailedDependency
	}
	return p.kind.runtimeStatus
}

// problemOf sorts the errors of [engine.classify].
func problemOf(ctx context.Context, err error) *problem {
	if picture, ok := errors.AsType[*preprocess.ImageError](err); ok {
		p := newProblem(badPicture, "ClientError: Loading image data failed with exception: %v", picture)
		p.code = string(picture.Code)
		return p
	}
	switch {
	case errors.Is(err, errTensor):
		return newProblem(badRequest, "the model's answer to the tensor is not a number; look for infinite or huge values in it").because(err)
	case errors.Is(err, errGone) && errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return newProblem(timedOut, "the answer was not ready in time; send fewer requests at once, or start the server with a longer --timeout").because(err)
	case errors.Is(err, errGone):
		return newProblem(clientGone, "the client went before its answer").because(err)
	}
	return newProblem(scoring, "the model could not be run; the server's log says why").because(err)
}

func (s *Server) tooLarge(size int64) *problem {
	return newProblem(tooLarge, "the body has %d bytes, %d are allowed; send a smaller picture, or start the server with a larger --max-payload", size, s.o.MaxPayload)
}
