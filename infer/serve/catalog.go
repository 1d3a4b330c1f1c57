package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A Source is a model that the server may load, and load again.
type Source struct {
	// Name in paths.
	Name string
	// Path for people, and SageMaker's modelUrl.
	Path string
	// Load opens the model. It gives up with [ErrUnchanged] when the model's identity is have, which is that of the model in service, and
	// asks for room before it takes the memory; an error of room is passed on.
	Load func(ctx context.Context, have string, room func(bytes int64) error) (Model, error)
	// Stamp changes when the model's files may have; nil when they never do.
	Stamp func() (string, error)
}

var (
	// ErrUnchanged is returned by [Source.Load] for the model that is in service.
	ErrUnchanged = errors.New("the model is the one in service")
	// ErrMemory is wrapped when a model does not fit in [Options.Memory].
	ErrMemory = errors.New("not enough memory for the model")
	// ErrUnknownModel is wrapped when no source has the name.
	ErrUnknownModel = errors.New("no such model")
)

// Identity tells the model from any other content.
func (m *Model) Identity() string { return m.SHA256 + " " + m.Contract }

// A catalog holds the sources of models, and who is loading.
type catalog struct {
	// turn is held by the one that loads or drops a model: two models never ask for the same room.
	turn    chan struct{}
	mu      sync.Mutex
	sources map[string]*offered
	order   []string
	// proven is set once a model was in service.
	proven bool
}

// An offered source, with the stamps of its files.
type offered struct {
	Source
	// loaded is the stamp of what was last loaded, or could not be; seen is the last stamp that was looked at.
	loaded, seen string
	// fetched models came by POST /models and go only by DELETE.
	fetched bool
	// failure of the last load on request, and when it was.
	failure error
	failed  time.Time
}

func newCatalog() *catalog {
	return &catalog{turn: make(chan struct{}, 1), sources: make(map[string]*offered)}
}

// Offer adds a source. Its model is loaded when it is first asked for, or by [Server.Load].
func (s *Server) Offer(source Source) error {
	if err := checkName(source.Name); err != nil {
		return err
	}
	s.catalog.offer(&offered{Source: source})
	return nil
}

func (c *catalog) offer(o *offered) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sources[o.Name] == nil {
		c.order = append(c.order, o.Name)
	}
	c.sources[o.Name] = o
}

func (c *catalog) withdraw(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sources, name)
	c.order = slices.DeleteFunc(c.order, func(n string) bool { return n == name })
}

func (c *catalog) find(name string) *offered {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sources[name]
}

// names in the order in which they were offered.
func (c *catalog) names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.order)
}

// idle tells that having no model in service is no fault: one was, and would be again.
func (c *catalog) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.proven
}

// take waits for the turn; give it back.
func (c *catalog) take(ctx context.Context) (giveBack func(), err error) {
	select {
	case c.turn <- struct{}{}:
		return func() { <-c.turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", errGone, context.Cause(ctx))
	}
}

// Load puts the model of a source in service, if it is not there. Errors wrap [ErrUnknownModel], [ErrMemory], or are the source's.
func (s *Server) Load(ctx context.Context, name string) error { return s.load(ctx, ctx, name) }

// load waits for its turn as long as wait allows, and then works as long as ctx does.
func (s *Server) load(wait, ctx context.Context, name string) error {
	giveBack, err := s.catalog.take(wait)
	if err != nil {
		return err
	}
	defer giveBack()
	o := s.catalog.find(name)
	if o == nil {
		return fmt.Errorf("load %q: %w", name, ErrUnknownModel)
	}
	if e := s.models.acquire(name); e != nil { // somebody else was first
		e.release()
		return nil
	}
	if o.failure != nil && time.Since(o.failed) < retryPause {
		return o.failure
	}
	if o.failure = s.install(ctx, o, changeLoaded); o.failure != nil {
		o.failed = time.Now()
	}
	return o.failure
}

// retryPause keeps requests for a model that cannot be loaded from trying it all the time.
const retryPause = time.Second

// install loads a source beside what is in service and puts it in its place. The caller has the turn.
func (s *Server) install(ctx context.Context, o *offered, change string) error {
	have, old := "", int64(0)
	if e := s.models.acquire(o.Name); e != nil {
		have, old = e.model.Identity(), e.model.Memory
		e.release()
	}
	var stamp string
	if o.Stamp != nil {
		var err error
		if stamp, err = o.Stamp(); err == nil {
			o.loaded, o.seen = stamp, stamp
		}
	}
	m, err := o.Load(ctx, have, func(bytes int64) error { return s.makeRoom(ctx, o, bytes-old) })
	if err == nil {
		m.Name = o.Name
		err = s.Install(ctx, m)
	}
	switch {
	case errors.Is(err, ErrUnchanged):
		return err
	case err != nil:
		s.metrics.models.changes.WithLabelValues(changeFailed).Inc()
		return fmt.Errorf("load model %q: %w", o.Name, err)
	}
	s.catalog.mu.Lock()
	s.catalog.proven = true
	s.catalog.mu.Unlock()
	s.metrics.models.changes.WithLabelValues(change).Inc()
	return nil
}

// makeRoom drops models until so many bytes fit, those first that nobody has asked for longest. A model that is being replaced counts
// as gone, although it answers until the new one does. For SageMaker's multi-model paths nothing is dropped: SageMaker chooses.
func (s *Server) makeRoom(ctx context.Context, o *offered, bytes int64) error {
	if s.o.Memory <= 0 {
		return nil
	}
	for {
		used, oldest := s.models.memory(o.Name)
		if used+bytes <= s.o.Memory {
			return nil
		}
		if oldest == "" || o.fetched {
			return fmt.Errorf("%w: it needs about %d bytes, %d of %d are taken", ErrMemory, bytes, used, s.o.Memory)
		}
		e := s.models.remove(oldest)
		if e == nil {
			continue
		}
		s.o.Log.Info("model dropped to make room", "model", oldest, "for", o.Name)
		s.metrics.models.changes.WithLabelValues(changeDropped).Inc()
		e.release()
		if err := e.awaitFree(ctx); err != nil {
			return err
		}
	}
}

// memory sums what the models in service take, and names the one, other than except, that was not asked for longest.
func (m *models) memory(except string) (used int64, oldest string) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var when int64
	for name, e := range m.byName {
		used += e.model.Memory
		if at := e.used.Load(); name != except && (oldest == "" || at < when) {
			oldest, when = name, at
		}
	}
	return used, oldest
}

// awaitFree waits until a model that was taken out of service is freed.
func (e *engine) awaitFree(ctx context.Context) error {
	select {
	case <-e.freed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errGone, context.Cause(ctx))
	}
}

// acquire returns the engine of a name, "" for the first, and loads it where it is offered and not in service. Release it.
func (s *Server) acquire(x *exchange, name string) (*engine, *problem) {
	if name == "" {
		if names := s.catalog.names(); len(names) > 0 {
			name = names[0]
		}
	}
	for {
		if e := s.models.acquire(name); e != nil {
			e.used.Store(x.start.UnixNano())
			return e, nil
		}
		if o := s.catalog.find(name); o == nil || o.fetched {
			return nil, s.noModel(name)
		}
		if s.phase.Load() == refusing {
			return nil, newProblem(draining, "the server is stopping; ask another, or again in a moment").after(time.Second)
		}
		if p := s.loadFor(x, name); p != nil {
			return nil, p
		}
	}
}

// loadFor loads a model for a request. A client that goes does not stop what others may wait for.
func (s *Server) loadFor(x *exchange, name string) *problem {
	wait, cancel := context.WithDeadline(x.r.Context(), x.start.Add(s.o.Timeout))
	defer cancel()
	work, cancelWork := context.WithTimeout(context.WithoutCancel(x.r.Context()), s.o.Timeout)
	defer cancelWork()
	if err := s.load(wait, work, name); err != nil {
		return s.loadProblem(wait, err)
	}
	return nil
}

// loadProblem says why a model is not there. What is wrong with its file is for the log.
func (s *Server) loadProblem(ctx context.Context, err error) *problem {
	switch {
	case errors.Is(err, ErrMemory):
		return newProblem(outOfMemory, "the model does not fit in memory; unload another, or start the server with a larger --memory").because(err)
	case errors.Is(err, errGone), ctx.Err() != nil:
		return problemOf(ctx, fmt.Errorf("%w: %w", errGone, err))
	}
	return newProblem(loadFailed, "the model could not be loaded; the server's log says why").because(err)
}
