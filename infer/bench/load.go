package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/scones-unlimited/scones/infer/load"
)

// LoadOptions say how a server is loaded.
type LoadOptions struct {
	// URL that pictures are sent to.
	URL string
	// Header of every request; it may be nil.
	Header http.Header
	// Files are sent in turn.
	Files [][]byte
	// Clients that each send a picture when the last was answered: a closed loop. With Rate it is the largest number under way.
	Clients int
	// Rate in pictures a second at which they are sent whatever becomes of the others: an open loop. Zero means a closed loop.
	Rate float64
	// Time of the measurement; a tenth of it, at most a second, runs before.
	Time time.Duration
	// Timeout of a request; zero means 60 s.
	Timeout time.Duration
}

// A LoadReport is how a server did. Times are in milliseconds, from the moment at which a picture was to be sent, so that a server
// that falls behind does not look fast.
type LoadReport struct {
	URL     string  `json:"url"`
	Clients int     `json:"clients"`
	Rate    float64 `json:"rate,omitempty"` // that was asked for
	Seconds float64 `json:"seconds"`
	// Sent requests by what became of them: Answered with 200, Refused with 429 or 503, Failed otherwise or without an answer. Unsent
	// are those for which no client was free.
	Sent     int `json:"sent"`
	Answered int `json:"answered"`
	Refused  int `json:"refused"`
	Failed   int `json:"failed"`
	Unsent   int `json:"unsent,omitempty"`
	// PerSecond is the rate of answers.
	PerSecond float64 `json:"per_second"`
	// Latency of answers and Refusal's of refusals.
	Latency load.Quantiles `json:"latency_ms"`
	Refusal load.Quantiles `json:"refusal_ms,omitzero"`
	// FirstFailure is what went wrong first.
	FirstFailure string `json:"first_failure,omitempty"`
}

// maxClients bounds the connections of one load.
const maxClients = 10_000

// Load sends pictures to a server and reports what came back. An error means that nothing could be measured.
func Load(ctx context.Context, o LoadOptions) (LoadReport, error) {
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if len(o.Files) == 0 {
		return LoadReport{}, ErrNoPicture
	}
	if o.Clients < 1 || o.Clients > maxClients {
		return LoadReport{}, fmt.Errorf("load %s: %d clients: must be 1 to %d", o.URL, o.Clients, maxClients)
	}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		MaxIdleConnsPerHost: o.Clients, MaxIdleConns: o.Clients, DisableCompression: true,
	}
	defer transport.CloseIdleConnections()
	l := &loading{o: o, client: &http.Client{Transport: transport, Timeout: o.Timeout}}
	warm := min(o.Time/10, time.Second)
	l.from = time.Now().Add(warm)
	l.until = l.from.Add(o.Time)
	if o.Rate > 0 {
		l.open(ctx)
	} else {
		l.closed(ctx)
	}
	if err := ctx.Err(); err != nil {
		return LoadReport{}, err
	}
	return l.report()
}

// A loading is one measurement under way.
type loading struct {
	o           LoadOptions
	client      *http.Client
	from, until time.Time
	mu          sync.Mutex
	r           LoadReport
	good, bad   []float64
}

// closed lets each client send when its last picture was answered.
func (l *loading) closed(ctx context.Context) {
	var wg sync.WaitGroup
	for c := range l.o.Clients {
		wg.Go(func() {
			for i := c; time.Now().Before(l.until) && ctx.Err() == nil; i += l.o.Clients {
				l.send(ctx, i, time.Now())
			}
		})
	}
	wg.Wait()
}

// open sends at the rate, as long as a client is free.
func (l *loading) open(ctx context.Context) {
	load.Open(ctx, load.Steady(l.o.Rate), time.Until(l.until), l.o.Clients, func(i int, due time.Time) { l.send(ctx, i, due) }, func(_ int, due time.Time) {
		if due.After(l.from) {
			l.mu.Lock()
			l.r.Unsent++
			l.mu.Unlock()
		}
	})
}

// send sends picture i, due at a time, and counts what comes back.
func (l *loading) send(ctx context.Context, i int, due time.Time) {
	status, err := l.post(ctx, l.o.Files[i%len(l.o.Files)])
	if due.Before(l.from) {
		return
	}
	took := float64(time.Since(due).Microseconds()) / 1e3
	l.mu.Lock()
	defer l.mu.Unlock()
	l.r.Sent++
	switch {
	case err == nil && status == http.StatusOK:
		l.r.Answered++
		l.good = append(l.good, took)
	case err == nil && (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable):
		l.r.Refused++
		l.bad = append(l.bad, took)
	default:
		l.r.Failed++
		if l.r.FirstFailure == "" {
			l.r.FirstFailure = fmt.Sprintf("status %d", status)
			if err != nil {
				l.r.FirstFailure = err.Error()
			}
		}
	}
}

func (l *loading) post(ctx context.Context, file []byte) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.o.URL, bytes.NewReader(file))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-image")
	maps.Copy(r.Header, l.o.Header)
	response, err := l.client.Do(r)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

func (l *loading) report() (LoadReport, error) {
	r := l.r
	r.URL, r.Clients, r.Rate, r.Seconds = l.o.URL, l.o.Clients, l.o.Rate, l.o.Time.Seconds()
	if r.Answered == 0 {
		return r, fmt.Errorf("load %s: no picture was answered, %d refused, %d failed: %s", l.o.URL, r.Refused, r.Failed, r.FirstFailure)
	}
	r.PerSecond = float64(r.Answered) / r.Seconds
	r.Latency, r.Refusal = load.QuantilesOf(l.good), load.QuantilesOf(l.bad)
	return r, nil
}
