package serve

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"
)

// names are SageMaker's rule for endpoints, models and variants: letters, digits and hyphens, 63 at most; here also dots and
// underscores inside, which model files like.
var names = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$`)

func checkName(name string) error {
	if !names.MatchString(name) {
		return fmt.Errorf("name %q: %w: 1 to 63 letters, digits, hyphens, dots and underscores, a letter or digit at both ends", name, ErrName)
	}
	return nil
}

// models are the engines by name. The first that was installed answers where a request names none.
type models struct {
	mu     sync.RWMutex
	byName map[string]*engine
	order  []string
}

// Install runs a picture through a model and, when it was answered, puts the model in service under its name. An engine of the same
// name answers until then and is freed when its last request is done, so no request is lost. On error the model is closed and what
// was there stays.
func (s *Server) Install(ctx context.Context, m Model) error {
	start := time.Now()
	err := checkName(m.Name)
	if err != nil {
		return closeAfter(m, err)
	}
	e := newEngine(m, s.o.MaxDelay, s.metrics)
	if err := e.prove(ctx); err != nil {
		e.release()
		return fmt.Errorf("run model %q: %w", m.Name, err)
	}
	s.metrics.loaded(m.Name, m.Opening+time.Since(start))
	if old := s.models.put(e); old != nil {
		old.release()
	}
	return nil
}

// Remove takes a model out of service. It is freed when its last request is done.
func (s *Server) Remove(name string) bool {
	e := s.models.remove(name)
	if e != nil {
		e.release()
	}
	return e != nil
}

// put returns the engine that had the name, which the caller releases.
func (m *models) put(e *engine) *engine {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byName == nil {
		m.byName = make(map[string]*engine)
	}
	old := m.byName[e.model.Name]
	m.byName[e.model.Name] = e
	if old == nil {
		m.order = append(m.order, e.model.Name)
	}
	return old
}

func (m *models) remove(name string) *engine {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byName[name]
	delete(m.byName, name)
	m.order = slices.DeleteFunc(m.order, func(n string) bool { return n == name })
	return e
}

// acquire returns the engine of a name, the first for the empty name, and nil when there is none. Release it.
func (m *models) acquire(name string) *engine {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if name == "" && len(m.order) > 0 {
		name = m.order[0]
	}
	e := m.byName[name]
	if e != nil {
		e.users.Add(1)
	}
	return e
}

// list returns the names in the order in which they were installed.
func (m *models) list() []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.order)
}

// clear takes every model out.
func (m *models) clear() {
	for _, name := range m.list() {
		if e := m.remove(name); e != nil {
			e.release()
		}
	}
}

func closeAfter(m Model, cause error) error {
	if m.Close != nil {
		_ = m.Close() // the cause is what matters
	}
	return cause
}

// ready tells whether there is a model and the runtime of every one works.
func (s *Server) ready() bool {
	return s.phase.Load() == serving && s.models.healthy(s.o.Store != nil || s.catalog.idle())
}

// healthy tells whether every runtime works; empty says that having no model is no fault.
func (m *models) healthy(empty bool) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, e := range m.byName {
		if e.broken.Load() {
			return false
		}
	}
	return empty || len(m.byName) > 0
}
