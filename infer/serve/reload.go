package serve

import (
	"context"
	"errors"
	"time"
)

// Reload loads every model that is in service again where its content is another, beside the one that answers, and puts it in its
// place. A model that cannot be loaded, or cannot answer, leaves the old one; the log says so and the errors are returned together.
func (s *Server) Reload(ctx context.Context) error {
	var failed []error
	for _, name := range s.catalog.names() {
		failed = append(failed, s.reload(ctx, name))
	}
	return errors.Join(failed...)
}

func (s *Server) reload(ctx context.Context, name string) error {
	giveBack, err := s.catalog.take(ctx)
	if err != nil {
		return err
	}
	defer giveBack()
	o := s.catalog.find(name)
	if o == nil {
		return nil
	}
	e := s.models.acquire(name)
	if e == nil {
		return nil // it is read when it is asked for
	}
	e.release()
	start := time.Now()
	switch err := s.install(ctx, o, changeReplaced); {
	case errors.Is(err, ErrUnchanged):
		s.o.Log.Info("model is unchanged", "model", name)
	case err != nil:
		s.o.Log.Error("model not replaced, the old one answers on", "model", name, "cause", err.Error())
		return err
	default:
		s.o.Log.Info("model replaced", "model", name, "ms", milliseconds(time.Since(start)))
	}
	return nil
}

// Watch looks at the files of the models in service, every so often until ctx ends, and reloads those that changed and then stayed as
// they were from one look to the next: a file that is still being copied is left alone.
func (s *Server) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, name := range s.catalog.names() {
			if s.settled(ctx, name) {
				_ = s.reload(ctx, name) // the log has it
			}
		}
	}
}

// settled tells that a model's files changed, and not since the last look.
func (s *Server) settled(ctx context.Context, name string) bool {
	giveBack, err := s.catalog.take(ctx)
	if err != nil {
		return false
	}
	defer giveBack()
	o := s.catalog.find(name)
	if o == nil || o.Stamp == nil {
		return false
	}
	stamp, err := o.Stamp()
	if err != nil || stamp == o.loaded { // a file that is gone may be about to come back
		o.seen = o.loaded
		return false
	}
	still := stamp == o.seen
	o.seen = stamp
	return still
}
