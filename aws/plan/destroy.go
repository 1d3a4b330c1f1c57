package plan

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// DestroyOptions say what is to go.
type DestroyOptions struct {
	// Name is the deployment's.
	Name  string
	Place string
	// Stacks are those that go; none means all.
	Stacks  []string
	Finders []Finder
	// Data deletes what holds data of the user as well; else it is kept.
	Data bool
}

// MakeDestroy plans the deletion of everything that exists of a deployment, found by tags and names, backwards. What holds data is kept
// unless o says otherwise. It changes nothing.
func MakeDestroy(ctx context.Context, o DestroyOptions) (*Plan, error) {
	existing, err := Survey(ctx, o.Finders, o.Name)
	if err != nil {
		return nil, err
	}
	p := &Plan{Name: o.Name, Place: o.Place, finders: o.Finders, stacks: o.Stacks, data: o.Data}
	var kept, going []*Change
	for _, e := range existing {
		switch {
		case !p.covers(e):
			continue
		case e.State.Holds != "" && !o.Data:
			c := deletion(e, "it holds data: "+e.State.Holds)
			c.Action = Keep
			kept = append(kept, c)
		default:
			going = append(going, deletion(e, ""))
		}
	}
	p.Changes = append(backwards(going), kept...)
	return p, nil
}

// covers tells whether an object is of the plan's stacks. One without tags belongs to all of them.
func (p *Plan) covers(e Existing) bool {
	return len(p.stacks) == 0 || e.State.Part() == "" || slices.Contains(p.stacks, e.State.Part().Stack())
}

// A Check is what the account said about one kind.
type Check struct {
	Kind Kind `json:"kind"`
	// How names the calls.
	How string `json:"how"`
	// Left are the names of what is still there, Kept of what holds data.
	Left []string `json:"left,omitempty"`
	Kept []string `json:"kept,omitempty"`
}

// Prove asks the account, kind by kind, whether anything of a destroyed deployment is left, and looks again for a while where a service
// still shows what is gone; o says how often. The error is a [*LeftError] where something is left that holds no data of the user.
func (p *Plan) Prove(ctx context.Context, o ApplyOptions) ([]Check, error) {
	watch, began := &Watch{fixed: o.Pause}, time.Now()
	for {
		checks, left, err := p.look(ctx)
		if err != nil || len(left) == 0 {
			return checks, err
		}
		if time.Since(began) > consistency {
			return checks, &LeftError{p.Name, left}
		}
		if err := watch.Sleep(ctx); err != nil {
			return checks, err
		}
	}
}

func (p *Plan) look(ctx context.Context) (checks []Check, left []string, err error) {
	for _, f := range p.finders {
		check := Check{Kind: f.Kind(), How: f.How()}
		existing, err := surveyKind(ctx, f, p.Name)
		if err != nil {
			return nil, nil, fmt.Errorf("prove that nothing is left: %w", err)
		}
		for _, e := range existing {
			switch {
			case !p.covers(e):
			case e.State.Holds != "" && !p.data:
				check.Kept = append(check.Kept, e.Name+" ("+e.State.Holds+")")
			default:
				check.Left = append(check.Left, e.Name)
				left = append(left, fmt.Sprintf("%s %q", e.Kind, e.Name))
			}
		}
		checks = append(checks, check)
	}
	return checks, left, nil
}
