package plan

import (
	"context"
	"fmt"
	"slices"
)

// Options say what is wanted.
type Options struct {
	// Name is the deployment's.
	Name string
	// Place says where, for people.
	Place string
	// Want are the resources; what they need need not be listed.
	Want []Resource
	// Stacks are those that Want describes wholly: what exists of them and is not wanted is deleted. Other stacks of the deployment are
	// left alone.
	Stacks []string
	// Finders find what exists. Without them nothing is deleted.
	Finders []Finder
}

// Make reads what exists and returns what is to be done about it. It changes nothing. Errors are [*CycleError], [*ForeignError], or a
// service's.
func Make(ctx context.Context, o Options) (*Plan, error) {
	order, err := ordered(o.Want)
	if err != nil {
		return nil, err
	}
	p := &Plan{Name: o.Name, Place: o.Place, finders: o.Finders, stacks: o.Stacks}
	wanted := make(map[id]bool)
	for _, r := range order {
		wanted[idOf(r)] = true
		state, err := r.Read(ctx)
		if err != nil {
			return nil, fmt.Errorf("read %s %q: %w", r.Kind(), r.Name(), err)
		}
		if state.Exists() && !state.belongsTo(o.Name) {
			return nil, &ForeignError{r.Kind(), r.Name(), state.Tags[TagName], o.Name}
		}
		p.Changes = append(p.Changes, decide(r, &state))
	}
	existing, err := Survey(ctx, o.Finders, o.Name)
	if err != nil {
		return nil, err
	}
	var hanging, surplus []*Change
	for _, e := range existing {
		if wanted[id{e.Kind, e.Name}] || !slices.Contains(o.Stacks, e.State.Part().Stack()) {
			continue
		}
		switch {
		case p.replaces(e):
		case e.Kind.hanging():
			hanging = append(hanging, deletion(e, "it is not wanted any more"))
		default:
			surplus = append(surplus, deletion(e, "it is not wanted any more"))
		}
	}
	p.Changes = slices.Concat(backwards(hanging), p.Changes, backwards(surplus))
	return p, nil
}

// FromNothing plans as if nothing existed. Nobody is asked: it is for [Plan.WriteCloudFormation] and [Plan.WriteTerraform], whose tools
// look themselves.
func FromNothing(o Options) (*Plan, error) {
	order, err := ordered(o.Want)
	if err != nil {
		return nil, err
	}
	p := &Plan{Name: o.Name, Place: o.Place, stacks: o.Stacks}
	for _, r := range order {
		p.Changes = append(p.Changes, decide(r, new(State)))
	}
	return p, nil
}

// decide compares a resource with what exists of it.
func decide(r Resource, state *State) *Change {
	c := &Change{Kind: r.Kind(), Name: r.Name(), Part: r.Part(), Want: r.Want(), Price: r.Price(), Holds: state.Holds, item: r}
	if p, ok := r.(Permitting); ok {
		c.Policies = p.Policies()
	}
	if state.Phase == Absent || state.Phase == Deleting {
		c.Action = Create
		if state.Phase == Deleting {
			c.Reason = "the old one is being deleted"
		}
		return c
	}
	c.Differences = Compare(state.Fields, c.Want)
	switch {
	case state.Phase == Failed:
		c.Action, c.Reason = Replace, "it has failed: "+state.Detail
	case mustReplace(c.Differences):
		c.Action = Replace
	case len(c.Differences) > 0 || !taggedAs(state, r.Part()):
		c.Action = Update
		if len(c.Differences) == 0 {
			c.Reason = "its tags are missing"
		}
	case state.Phase == Pending:
		c.Action, c.Reason = Wait, state.Detail
	default:
		c.Action = Keep
	}
	return c
}

func taggedAs(state *State, part Part) bool {
	return state.Tags[TagName] != "" && state.Part() == part
}

func mustReplace(differences []Difference) bool {
	return slices.ContainsFunc(differences, func(d Difference) bool { return d.Fixed })
}

// replaces makes a creation of the same kind and part the replacement of an existing object.
func (p *Plan) replaces(e Existing) bool {
	for _, c := range p.Changes {
		if c.Action == Create && c.Kind == e.Kind && c.Part == e.State.Part() && c.old == nil {
			c.Action, c.Old, c.old = Replace, e.Name, e.item
			c.Differences = Compare(e.State.Fields, c.Want)
			return true
		}
	}
	return false
}

func deletion(e Existing, reason string) *Change {
	return &Change{
		Action: Delete, Kind: e.Kind, Name: e.Name, Part: e.State.Part(), Reason: reason, Price: e.State.Price, Holds: e.State.Holds, item: e.item,
	}
}
