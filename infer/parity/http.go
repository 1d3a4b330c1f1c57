package parity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
)

// DefaultMaxPayload is what a SageMaker endpoint takes, in bytes: 6 MiB (the limit of Body in the service's API model).
const DefaultMaxPayload = 6 << 20

// The defaults of [HTTPOptions]. A SageMaker container has 60 seconds to answer.
const (
	DefaultTimeout  = 65 * time.Second
	DefaultAttempts = 4
	maxAnswer       = 32 << 20         // bytes
	mostWait        = 60 * time.Second // that a Retry-After may ask for
)

// HTTPOptions tune [NewHTTP]. The zero value is a good choice.
type HTTPOptions struct {
	// Client makes the calls; nil means one of its own, with the system's proxy settings.
	Client *http.Client
	// ContentType of the pictures; empty means image/png, image/jpeg or application/x-image by their first bytes.
	ContentType string
	// Accept header; empty means application/json.
	Accept string
	// MaxPayload in bytes; larger pictures are not sent. Zero means [DefaultMaxPayload].
	MaxPayload int64
	// Timeout of each attempt; zero means [DefaultTimeout].
	Timeout time.Duration
	// Attempts for each picture, the first one included; zero means [DefaultAttempts].
	Attempts int
}

// HTTP asks a container that answers POST requests as SageMaker's do: the picture is the body, the answer a list of scores. It is safe
// for concurrent use.
type HTTP struct {
	url string
	o   HTTPOptions
}

// NewHTTP checks the address; one without a path means /invocations. Redirects are not followed.
func NewHTTP(address string, o HTTPOptions) (*HTTP, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("address of the endpoint: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("address of the endpoint %q: want http://HOST:PORT/invocations", u.Redacted())
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/invocations"
	}
	if o.Client == nil {
		o.Client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	}
	client := *o.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.Client = &client
	if o.Accept == "" {
		o.Accept = "application/json"
	}
	if o.MaxPayload <= 0 {
		o.MaxPayload = DefaultMaxPayload
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Attempts <= 0 {
		o.Attempts = DefaultAttempts
	}
	return &HTTP{u.String(), o}, nil
}

// A CallError is an answer of the other side that is no answer for the picture.
type CallError struct {
	Code   string // one of this package's
	Status int    // of HTTP; 0 when there was no answer
	Err    error
	after  time.Duration // that the other side asks to wait
	again  bool          // worth another attempt
}

// Error gives the cause.
func (e *CallError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Err }

// ErrorCode returns the code.
func (e *CallError) ErrorCode() string { return e.Code }

// Fatal tells that every other picture would meet it too.
func (e *CallError) Fatal() bool { return e.Code == CodeDenied }

// Classify sends one picture and waits for its scores, over several attempts where the error is one that passes. Errors are
// [*CallError], or ctx's.
func (h *HTTP) Classify(ctx context.Context, image []byte) ([]float32, error) {
	if int64(len(image)) > h.o.MaxPayload {
		return nil, &CallError{Code: CodeTooLarge, Err: fmt.Errorf("the picture has %d bytes, the endpoint takes %d; it was not sent", len(image), h.o.MaxPayload)}
	}
	for attempt := 1; ; attempt++ {
		scores, err := h.once(ctx, image)
		if err == nil {
			return scores, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		call, ok := errors.AsType[*CallError](err)
		if !ok || !call.again || attempt == h.o.Attempts || call.after > mostWait {
			return nil, err
		}
		wait := max(call.after, backoff(attempt))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// backoff before the next attempt: 0.2 s, doubled each time, of which a random half is left out.
func backoff(attempt int) time.Duration {
	whole := 200 * time.Millisecond << min(attempt-1, 5)
	return whole/2 + rand.N(whole/2)
}

func (h *HTTP) once(ctx context.Context, image []byte) ([]float32, error) {
	ctx, cancel := context.WithTimeout(ctx, h.o.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	contentType := h.o.ContentType
	if contentType == "" {
		contentType = capture.PictureType(image)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Accept", h.o.Accept)
	response, err := h.o.Client.Do(request)
	if err != nil {
		return nil, unreachable(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, unreachable(err)
	case len(body) > maxAnswer:
		return nil, &CallError{Code: CodeAnswer, Status: response.StatusCode, Err: fmt.Errorf("the answer has more than %d bytes", maxAnswer)}
	case response.StatusCode != http.StatusOK:
		return nil, refusal(response, body)
	}
	scores, err := capture.ParseScores(response.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, &CallError{Code: CodeAnswer, Status: response.StatusCode, Err: err}
	}
	return scores, nil
}

// unreachable is an error of the way there and back.
func unreachable(err error) *CallError {
	e := &CallError{Code: CodeUnavailable, Err: err, again: true}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok && lookup.IsNotFound {
		e.Code, e.again = CodeDenied, false // no host of this name
	}
	return e
}

// refusal is an answer with an error's status.
func refusal(response *http.Response, body []byte) *CallError {
	e := &CallError{Code: CodeRefused, Status: response.StatusCode, Err: fmt.Errorf("HTTP %s: %s", response.Status, excerpt(body))}
	switch code := response.StatusCode; {
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout,
		code == http.StatusBadGateway, code == http.StatusServiceUnavailable, code == http.StatusGatewayTimeout:
		e.Code, e.again, e.after = CodeUnavailable, true, RetryAfter(response.Header, time.Now())
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound, code == http.StatusMethodNotAllowed, code < 400:
		e.Code = CodeDenied
	case code == http.StatusRequestEntityTooLarge:
		e.Code = CodeTooLarge
	case code >= 500:
		e.Code = CodeFailed
	}
	return e
}

// RetryAfter is how long a server asks to wait, in seconds or until a date; zero when it does not say.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// excerpt of a body for a message: its beginning, in one line, without control characters.
func excerpt(body []byte) string {
	const most = 200
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body[:min(len(body), 4*most)]), "·")), " ")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '·'
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	if text == "" {
		return "no body"
	}
	return text
}
