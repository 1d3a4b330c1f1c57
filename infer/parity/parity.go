// Package parity asks two classifiers the same questions and says whether their answers agree, and if not, why.
//
// A [Question] is a picture, with the other side's answer where that was recorded. [Run] asks both sides about the same bytes and
// yields a [Pair] for each question, in their order. A [Summary] takes the pairs and ends in a [Verdict]; a [Sample] keeps the
// pictures that show the difference best, on which [Explain] runs the local side again under every plausible difference and names the
// one that removes it.
//
// The other side is anything with a Classify method: [HTTP] for a container by its URL, an endpoint through AWS's SDK, another model
// on this machine.
package parity

import (
	"context"
	"errors"
	"fmt"

	"github.com/scones-unlimited/scones/preprocess"
)

// A Classifier answers for one picture: probabilities in class order. It must be safe for concurrent use.
//
// Errors about the picture end in a row that says so. An error whose Fatal method reports true would meet every other picture too and
// ends the run; see [Stops].
type Classifier interface {
	Classify(ctx context.Context, image []byte) ([]float32, error)
}

// A Question is one picture that both sides answer for.
type Question struct {
	// Name tells it from all others.
	Name string
	// Image returns the picture's bytes. It may be called more than once, and from another goroutine.
	Image func() ([]byte, error)
	// Recorded is the other side's answer, so that nobody is asked; nil when somebody must be.
	Recorded []float32
	// Err says why the other side has no recorded answer, or why the record holds no picture.
	Err error
	// Done is the row of an earlier run; nobody is asked.
	Done *Row
}

// asks tells that the other side must be asked.
func (q *Question) asks() bool { return q.Recorded == nil && q.Err == nil && q.Done == nil }

// A Failure says why one side gave no answer.
type Failure struct {
	// Code is a stable word: one of package preprocess's for the local side, one of capture's, or the other side's own.
	Code string `json:"code"`
	Text string `json:"text"`
}

// failureOf describes an error by the code that it brings.
func failureOf(err error) *Failure {
	if coded, ok := errors.AsType[interface {
		error
		ErrorCode() string
	}](err); ok {
		return &Failure{coded.ErrorCode(), err.Error()}
	}
	if image, ok := errors.AsType[*preprocess.ImageError](err); ok {
		return &Failure{string(image.Code), err.Error()}
	}
	return &Failure{CodeUnavailable, err.Error()}
}

// The codes of an other side that is reached over a network.
const (
	CodeRefused     = "refused"         // it says that the picture is bad
	CodeFailed      = "failed"          // it broke on the picture
	CodeUnavailable = "unavailable"     // it did not answer, however often it was asked
	CodeDenied      = "denied"          // it does not let the caller in, or does not exist
	CodeTooLarge    = "payload-too-big" // the picture is larger than it takes, and was not sent
	CodeAnswer      = "not-scores"      // its answer is no list of numbers
	CodeClasses     = "other-classes"   // it answers for another number of classes
)

// Fatal tells an error that would meet every other picture too.
func Fatal(err error) bool {
	fatal, ok := errors.AsType[interface {
		error
		Fatal() bool
	}](err)
	return ok && fatal.Fatal()
}

// ErrGone is wrapped when the other side failed for so many pictures in a row that the run was ended.
var ErrGone = errors.New("the other side does not answer")

// goneAfter is how many failures in a row end a run. Each was asked several times already.
const goneAfter = 5

// goneError holds the last of them.
func goneError(err error) error {
	return fmt.Errorf("%w: %d pictures in a row: %w", ErrGone, goneAfter, err)
}
