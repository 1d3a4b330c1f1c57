package awstest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Account is the number of the account that every caller is in.
const Account = "123456789012"

// Options say how the cloud behaves. The zero value is a good choice.
type Options struct {
	// Start is the clock's first time; zero is now, in whole seconds.
	Start time.Time
	// Tick is how far each call moves the clock; zero is [DefaultTick], less is none.
	Tick time.Duration
	// PageSize is the most that a list answers at once, where the caller does not ask for less; zero leaves the services' own.
	PageSize int
	// Lag is for how long what was made is not seen by lists, and a new role not by the services that are to assume it.
	Lag time.Duration
	// Classify answers for endpoints and transform jobs: a picture's bytes in, the body of the container's answer out. An error becomes
	// the container's status 400. Nil answers [0.9, 0.1].
	Classify func(container Container, picture []byte) (answer []byte, err error)
	// Artifact is what training jobs leave as model.tar.gz; nil is an empty archive.
	Artifact []byte
	// Invoke runs a Lambda function; an error is the function's. Nil answers with the payload. It may call the cloud, as Classify may not.
	Invoke func(f Function, payload []byte) (answer []byte, err error)
}

// DefaultTick is what [Options].Tick is when it is zero.
const DefaultTick = 5 * time.Second

// A Container is what a model runs.
type Container struct {
	Image, ModelDataURL string
	Environment         map[string]string
}

// A Server is the cloud. It is safe for concurrent use; calls are served one after another.
type Server struct {
	// URL is its address, for AWS_ENDPOINT_URL.
	URL string

	t       testing.TB
	o       Options
	check   *checker
	mu      sync.Mutex
	now     time.Time
	serial  int // of identifiers
	calls   []Call
	faults  []*Fault
	iam     *iamState
	s3      *s3State
	regions map[string]*region
	running sync.WaitGroup // executions

	quotas    map[string]int
	unfitText string
}

// New starts a cloud that ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Start.IsZero() {
		o.Start = time.Now()
	}
	if o.Tick == 0 {
		o.Tick = DefaultTick
	}
	s := &Server{t: t, o: o, now: o.Start.UTC().Truncate(time.Second), check: newChecker(t)}
	s.iam, s.s3, s.regions = newIAM(), newS3(), map[string]*region{}
	server := httptest.NewUnstartedServer(s)
	// A connection for each call: one that is kept open would hold the clock of a bubble of testing/synctest.
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	s.URL = server.URL
	t.Cleanup(func() { server.Close(); s.running.Wait(); s.check.report(t) })
	return s
}

// Env is what makes a program find the cloud, and nothing else: no profile of the machine's user, no machine's role.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true",
	}
}

// Setenv sets [Server.Env] for the test, and takes away what would lead elsewhere.
func (s *Server) Setenv(t testing.TB) {
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // for it to come back
			_ = os.Unsetenv(name)
		}
	}
	for name, value := range s.Env() {
		t.Setenv(name, value)
	}
}

// maxBody bounds a request, in bytes: what one part of an upload in a test may have.
const maxBody = 256 << 20

// ServeHTTP answers for every service.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	c := &call{Server: s, request: r, body: body, header: http.Header{}}
	if err := c.unzip(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.find()
	fault := s.arrive(c)
	if fault.before() {
		s.fail(w, c, fault)
		return
	}
	answer := httptest.NewRecorder()
	s.run(c, answer)
	s.check.call(c, answer)
	if fault.after() {
		s.fail(w, c, fault)
		return
	}
	if fault != nil && fault.Delay > 0 {
		time.Sleep(fault.Delay)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(answer.Body.Bytes())
	}
}

// unzip unpacks a body that the client packed, as the SDK does with long ones of CloudWatch. S3's objects stay as they are.
func (c *call) unzip() error {
	if c.request.Header.Get("Content-Encoding") != "gzip" || strings.Contains(c.request.Header.Get("Authorization"), "/s3/aws4_request") {
		return nil
	}
	r, err := gzip.NewReader(bytes.NewReader(c.body))
	if err != nil {
		return err
	}
	c.body, err = io.ReadAll(io.LimitReader(r, maxBody))
	return err
}

// id is a new identifier in the form of a UUID, the same in each run of a test.
func (s *Server) id() string {
	s.serial++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", 0x5c0e5000+s.serial, s.serial)
}
