package plan_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A world is an account in memory that behaves as badly as AWS may: objects refuse to go while they are used, making one takes looks, and
// every call can be the one after which the process ends.
type world struct {
	objects map[string]*object // by kind and name
	calls   []string           // that changed something
	// failAt ends the call of this number, counted from 1, before it does anything; failAfter behind it.
	failAt, failAfter, n int
	// slow is how many looks an object takes to become ready, and to be gone.
	slow int
	// notYet is how many calls of Create fail with plan.NotYet.
	notYet int
}

type object struct {
	kind    plan.Kind
	name    string
	fields  plan.Fields
	tags    map[string]string
	uses    []string
	pending int
	going   bool
	failed  bool
	holds   string
}

var errKilled = errors.New("killed")

func newWorld() *world { return &world{objects: make(map[string]*object)} }

// call counts a call that changes something and does it, unless it is the one to fail.
func (w *world) call(what string, do func() error) error {
	w.n++
	if w.n == w.failAt {
		return errKilled
	}
	w.calls = append(w.calls, what)
	if err := do(); err != nil {
		return err
	}
	if w.n == w.failAfter {
		return errKilled
	}
	return nil
}

func key(k plan.Kind, name string) string { return string(k) + " " + name }

// names lists what exists.
func (w *world) names() []string { return slices.Sorted(maps.Keys(w.objects)) }

// A thing is a resource of the world.
type thing struct {
	w      *world
	kind   plan.Kind
	name   string
	part   plan.Part
	needs  []plan.Resource
	fields plan.Fields
	price  plan.Price
	owner  string
	holds  string
	breaks bool // it fails while it is made
}

func (t *thing) Kind() plan.Kind        { return t.kind }
func (t *thing) Name() string           { return t.name }
func (t *thing) Part() plan.Part        { return t.part }
func (t *thing) Needs() []plan.Resource { return t.needs }
func (t *thing) Want() plan.Fields      { return t.fields }
func (t *thing) Price() plan.Price      { return t.price }

func (t *thing) Read(context.Context) (plan.State, error) {
	o := t.w.objects[key(t.kind, t.name)]
	if o == nil {
		return plan.State{}, nil
	}
	s := plan.State{Phase: plan.Ready, Fields: o.fields, Tags: o.tags, Holds: o.holds, Price: t.price}
	if o.pending > 0 {
		o.pending--
		s.Phase, s.Detail = plan.Pending, "Creating"
		if o.going {
			s.Phase = plan.Deleting
		}
		return s, nil
	}
	if o.going {
		delete(t.w.objects, key(t.kind, t.name))
		return plan.State{}, nil
	}
	if o.failed {
		s.Phase, s.Detail = plan.Failed, "no capacity"
	}
	return s, nil
}

func (t *thing) Create(context.Context) error {
	return t.w.call("create "+t.name, func() error {
		if t.w.notYet > 0 {
			t.w.notYet--
			return plan.NotYet(errors.New("the role cannot be assumed"))
		}
		if t.w.objects[key(t.kind, t.name)] != nil {
			return fmt.Errorf("%s exists", t.name)
		}
		o := &object{kind: t.kind, name: t.name, fields: t.fields, tags: plan.Tags(t.owner, t.part), pending: t.w.slow, holds: t.holds, failed: t.breaks}
		for _, need := range t.needs {
			if t.w.objects[key(need.Kind(), need.Name())] == nil {
				return fmt.Errorf("%s needs %s", t.name, need.Name())
			}
			o.uses = append(o.uses, key(need.Kind(), need.Name()))
		}
		t.w.objects[key(t.kind, t.name)] = o
		return nil
	})
}

func (t *thing) Update(_ context.Context, from plan.State) error {
	return t.w.call("update "+t.name, func() error {
		o := t.w.objects[key(t.kind, t.name)]
		for _, d := range plan.Compare(o.fields, t.fields) {
			if d.Fixed {
				return fmt.Errorf("%s of %s is fixed", d.Field, t.name)
			}
		}
		o.fields, o.tags, o.pending, o.uses = t.fields, plan.Tags(t.owner, t.part), t.w.slow, nil
		for _, need := range t.needs {
			o.uses = append(o.uses, key(need.Kind(), need.Name()))
		}
		return nil
	})
}

func (t *thing) Delete(context.Context) error {
	return t.w.call("delete "+t.name, func() error {
		for _, other := range t.w.objects {
			if slices.Contains(other.uses, key(t.kind, t.name)) {
				return fmt.Errorf("%s is used by %s", t.name, other.name)
			}
		}
		if o := t.w.objects[key(t.kind, t.name)]; o != nil {
			if o.holds != "" {
				return fmt.Errorf("%s is not empty", t.name)
			}
			o.going, o.pending = true, t.w.slow
		}
		return nil
	})
}

func (t *thing) Empty(context.Context) error {
	return t.w.call("empty "+t.name, func() error {
		if o := t.w.objects[key(t.kind, t.name)]; o != nil {
			o.holds = ""
		}
		return nil
	})
}

// A finder finds the world's objects of one kind.
type finder struct {
	w    *world
	kind plan.Kind
}

func (f *finder) Kind() plan.Kind { return f.kind }
func (f *finder) How() string     { return "list " + string(f.kind) }

func (f *finder) Find(_ context.Context, name string) ([]plan.Item, error) {
	var items []plan.Item
	for _, k := range f.w.names() {
		if o := f.w.objects[k]; o.kind == f.kind && (name == "" || o.tags[plan.TagName] == name) {
			items = append(items, &thing{w: f.w, kind: o.kind, name: o.name, owner: o.tags[plan.TagName], price: plan.Price{Hourly: 1}})
		}
	}
	return items, nil
}

func (w *world) finders() []plan.Finder {
	var all []plan.Finder
	for _, k := range plan.Kinds() {
		all = append(all, &finder{w, k})
	}
	return all
}

// stack is a bucket, a role, a model, its configuration and an endpoint. Other content is another model and another configuration.
func (w *world) stack(content string) []plan.Resource {
	make := func(kind plan.Kind, name string, part plan.Part, fields plan.Fields, needs ...plan.Resource) *thing {
		return &thing{w: w, kind: kind, name: name, part: part, fields: fields, needs: needs, owner: "s"}
	}
	bucket := make(plan.Bucket, "s-bucket", "data/bucket", plan.Fields{plan.F("encryption", "yes")})
	role := make(plan.Role, "s-role", "endpoint/role", plan.Fields{plan.F("reads", content)}, bucket)
	model := make(plan.Model, "s-model-"+content, "endpoint/model", plan.Fields{plan.Fixed("content", content)}, role)
	config := make(plan.EndpointConfig, "s-config-"+content, "endpoint/config", plan.Fields{plan.Fixed("model", model.name)}, model)
	endpoint := make(plan.Endpoint, "s", "endpoint/endpoint", plan.Fields{plan.F("config", config.name), plan.Fixed("network", "open")}, config, role)
	endpoint.price = plan.Price{Hourly: 0.115, Source: "a list", Date: "2026-11-01"}
	return []plan.Resource{endpoint, bucket}
}

func (w *world) make(ctx context.Context, want []plan.Resource) (*plan.Plan, error) {
	return plan.Make(ctx, plan.Options{Name: "s", Place: "nowhere", Want: want, Stacks: []string{"endpoint", "data"}, Finders: w.finders()})
}

// said is a plan's changes on a line.
func said(p *plan.Plan) string {
	var words []string
	for _, c := range p.Changes {
		word := string(c.Action) + " " + c.Name
		if c.Old != "" {
			word += " for " + c.Old
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}
