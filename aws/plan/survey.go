package plan

import (
	"context"
	"fmt"
	"time"
)

// An Existing is an object that a survey found.
type Existing struct {
	Kind  Kind
	Name  string
	State State

	item Item
}

// Deployment is the name of the deployment that the object belongs to by its tags.
func (e *Existing) Deployment() string { return e.State.Tags[TagName] }

// SoFar is about what the object has cost until a time, in USD: its hourly price since it was made. It is 0 where the service does not
// tell since when it exists. What it cost at another size, and what was charged by use, is not in it.
func (e *Existing) SoFar(now time.Time) float64 {
	if e.State.Created.IsZero() || now.Before(e.State.Created) {
		return 0
	}
	return e.State.Price.Hourly * now.Sub(e.State.Created).Hours()
}

// Survey finds what exists of a deployment, or of all where name is empty, in the order of the finders.
func Survey(ctx context.Context, finders []Finder, name string) ([]Existing, error) {
	var found []Existing
	for _, f := range finders {
		of, err := surveyKind(ctx, f, name)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	return found, nil
}

func surveyKind(ctx context.Context, f Finder, name string) ([]Existing, error) {
	items, err := f.Find(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("find every %s: %w", f.Kind(), err)
	}
	var found []Existing
	for _, item := range sortedByKind(items) {
		state, err := item.Read(ctx)
		if err != nil {
			return nil, fmt.Errorf("read %s %q: %w", item.Kind(), item.Name(), err)
		}
		if state.Exists() && (name == "" && state.Tags[TagName] != "" || name != "" && state.belongsTo(name)) {
			found = append(found, Existing{item.Kind(), item.Name(), state, item})
		}
	}
	return found, nil
}
