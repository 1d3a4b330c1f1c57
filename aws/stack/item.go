package stack

import (
	"strings"

	"github.com/scones-unlimited/scones/aws/plan"
)

// An item is what is known of an object of which only the name was found.
type item struct {
	a    *Account
	kind plan.Kind
	name string
}

// Kind is the object's.
func (i item) Kind() plan.Kind { return i.kind }

// Name is the object's.
func (i item) Name() string { return i.name }

// wanted is what is common to objects that should exist.
type wanted struct {
	deployment string
	part       plan.Part
	needs      []plan.Resource
	fields     plan.Fields
	price      plan.Price
}

// Part says what the object is for.
func (w *wanted) Part() plan.Part { return w.part }

// Needs are those that must exist before.
func (w *wanted) Needs() []plan.Resource { return w.needs }

// Want are the fields that it should have.
func (w *wanted) Want() plan.Fields { return w.fields }

// Price is what it costs.
func (w *wanted) Price() plan.Price { return w.price }

func (w *wanted) tags() map[string]string { return plan.Tags(w.deployment, w.part) }

// bears tells whether a name may be that of a deployment's object; every one may where no deployment is named.
func bears(name, deployment string) bool {
	return deployment == "" || name == deployment || strings.HasPrefix(name, deployment+"-")
}
