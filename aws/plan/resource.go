package plan

import (
	"context"
	"strings"
	"time"
)

// The tags that every object carries.
const (
	// TagName holds the deployment's name.
	TagName = "scones:name"
	// TagPart holds the object's [Part].
	TagPart = "scones:part"
)

// A Part says what an object is for within its deployment, as STACK/ROLE: "endpoint/model", "workflow/classify-function". Names may
// change with content; the part does not, and tells which object takes the place of which.
type Part string

// Stack is what stands before the slash.
func (p Part) Stack() string {
	stack, _, _ := strings.Cut(string(p), "/")
	return stack
}

// Tags are those of an object of a deployment.
func Tags(name string, part Part) map[string]string {
	return map[string]string{TagName: name, TagPart: string(part)}
}

// An Item is something in the account that may exist or not: what is known of an object of which only the name was found.
type Item interface {
	Kind() Kind
	// Name is unique within the kind, and region and account where the kind has these.
	Name() string
	// Read asks what exists. An absent object is a state, not an error.
	Read(context.Context) (State, error)
	// Delete deletes it, and what cannot exist without it. An absent object is no error. It need not wait until the object is gone.
	Delete(context.Context) error
}

// A Resource is an Item that is wanted.
type Resource interface {
	Item
	Part() Part
	// Needs are those that must exist before this one, and be deleted after it.
	Needs() []Resource
	// Want are the fields that it should have. [State.Fields] uses the same names.
	Want() Fields
	// Create makes it, with its tags. An error that passes because AWS needs time is marked with [NotYet].
	Create(context.Context) error
	// Update makes it what Want says. What it is now is given; fields that are [Field.Fixed] differ in no call.
	Update(context.Context, State) error
	// Price is what the wanted object costs.
	Price() Price
}

// Permitting is a Resource that gives permissions: its policies are printed in full with the plan.
type Permitting interface{ Policies() []Policy }

// Waiting is a Resource that knows better than by [State.Phase] when a change has taken effect: an endpoint that is updated may come
// back as it was.
type Waiting interface {
	Wait(context.Context, *Watch) error
}

// Patient is a Resource that may take longer than [DefaultPatience] to settle.
type Patient interface{ Patience() time.Duration }

// Emptying is an Item that may hold data of the user, which [State.Holds] describes. It is kept while it does; only where data is to be
// deleted as well, Empty is called before Delete.
type Emptying interface{ Empty(context.Context) error }

// Exporting is a Resource that can be written for CloudFormation and Terraform: [Plan.WriteCloudFormation], [Plan.WriteTerraform].
type Exporting interface {
	// CloudFormation returns the resources of a template; the first is the object itself. None where CloudFormation has no such type.
	CloudFormation() []Block
	// Terraform returns the resources of a configuration, likewise.
	Terraform() []Block
}

// A Finder finds what exists of one kind.
type Finder interface {
	Kind() Kind
	// How names the calls that it makes, for the proof that nothing is left: "sagemaker:ListEndpoints".
	How() string
	// Find returns the objects of a deployment, by tags, and by names where an interrupted run may have left one without tags. An empty
	// name means those of all deployments.
	Find(ctx context.Context, name string) ([]Item, error)
}

// id tells items apart.
type id struct {
	kind Kind
	name string
}

func idOf(i Item) id { return id{i.Kind(), i.Name()} }
