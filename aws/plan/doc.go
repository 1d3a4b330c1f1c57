// Package plan compares what should exist in an AWS account with what exists, as data, and makes the one into the other. It imports no SDK.
//
// What should exist is a set of [Resource]: a name, fields that can be printed and compared, and how it is read, created, updated and
// deleted. What exists is found by [Finder], one for each kind, through tags and names: there is no state file to lose.
//
//	p, err := plan.Make(ctx, plan.Options{Name: "scones", Stacks: []string{"endpoint"}, Want: resources, Finders: finders})
//	p.WriteTable(os.Stdout)                    // what would be done, what it costs, which permissions it gives
//	err = p.Apply(ctx, plan.ApplyOptions{})    // does it; after any interruption Make and Apply complete it
//
// Three rules keep this simple:
//
//   - A name is known before anything exists. Objects refer to each other by ARNs that are computed from account, region and name, so
//     the whole plan can be read before the first of them is made.
//   - What AWS does not let change, such as a model, has a [Hash] of its content in its name. Other content is then another object; the
//     old one, found by its tags and its [Part], is deleted when nothing uses it any more.
//   - Everything carries the tags [TagName] and [TagPart]. What bears a name that is wanted but not the tags belongs to somebody else, and
//     is never touched: [ForeignError].
//
// [MakeDestroy] plans the way back and [Prove] asks the account whether anything is left.
//
// # To add a kind
//
// Add its [Kind] to the order in kind.go; write a type with the methods of [Resource] beside the others in aws/stack; write its
// [Finder], and add that to the list there. Read fills State.Fields with the names that Want uses; everything else follows. Optional
// methods are in resource.go: [Permitting], [Waiting], [Patient], [Emptying], [Exporting].
package plan
