package plan

import (
	"encoding/json"
	"fmt"
)

// An Action is what a plan does with an object.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	// Replace makes an object anew. Where the new one has another name it is made first, and the old one is deleted when everything else
	// is done; else the old one is deleted before.
	Replace Action = "replace"
	// Wait is for what an earlier run began and AWS has not finished.
	Wait   Action = "wait"
	Keep   Action = "keep"
	Delete Action = "delete"
)

// A Change is what a plan does with one object. It is data; [Plan.Apply] knows the object itself.
type Change struct {
	Action Action `json:"action"`
	Kind   Kind   `json:"kind"`
	Name   string `json:"name"`
	Part   Part   `json:"part,omitempty"`
	// Old is the name of the object whose place it takes, empty where the name stays.
	Old string `json:"old,omitempty"`
	// Reason says why, where the differences do not.
	Reason string `json:"reason,omitempty"`
	// Differences are the fields that an update or a replacement changes.
	Differences []Difference `json:"differences,omitempty"`
	// Want are all fields of what is wanted; none for a deletion.
	Want Fields `json:"want,omitempty"`
	// Policies are the permissions that the object gives.
	Policies []Policy `json:"policies,omitempty"`
	// Price is that of the wanted object, or of the one that goes.
	Price Price `json:"price"`
	// Holds describes data in the object.
	Holds string `json:"holds,omitempty"`

	item Item
	old  Item
}

// want is the wanted object, nil for a deletion.
func (c *Change) want() Resource {
	r, _ := c.item.(Resource)
	return r
}

// A Plan is what is to be done with a deployment.
type Plan struct {
	// Name is the deployment's.
	Name string `json:"name"`
	// Place says where, such as "account 123456789012, us-east-1".
	Place string `json:"place,omitempty"`
	// Changes are in the order of their execution.
	Changes []*Change `json:"changes"`

	finders []Finder
	stacks  []string
	data    bool // data is deleted as well
}

// Empty tells that everything is as it should be.
func (p *Plan) Empty() bool {
	for _, c := range p.Changes {
		if c.Action != Keep {
			return false
		}
	}
	return true
}

// Count returns how many changes have an action.
func (p *Plan) Count(a Action) int {
	n := 0
	for _, c := range p.Changes {
		if c.Action == a {
			n++
		}
	}
	return n
}

// Total is what everything costs once the plan is applied.
func (p *Plan) Total() Total {
	var t Total
	for _, c := range p.Changes {
		if c.Action != Delete {
			t.add(c.Price)
		}
	}
	return t
}

// Fingerprint is equal for plans that do the same, so that a plan that was looked at can be told from the one that is applied.
func (p *Plan) Fingerprint() string {
	fields := Fields{F("plan", p.Name+" "+p.Place)}
	for i, c := range p.Changes {
		data, err := json.Marshal(struct {
			Action      Action
			Kind        Kind
			Name, Old   string
			Differences []Difference
			Want        Fields
		}{c.Action, c.Kind, c.Name, c.Old, c.Differences, c.Want})
		if err != nil {
			panic(err) // strings always encode
		}
		fields = append(fields, F(fmt.Sprintf("%06d", i), string(data)))
	}
	return Hash(fields)
}
