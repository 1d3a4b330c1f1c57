// Package stack makes objects of AWS out of what package plan decides: each kind has a file that reads, creates, updates, deletes and
// finds it. Nothing here decides what is to be done.
//
//	account, err := stack.Open(ctx, config)
//	resources, err := account.Endpoint(stack.EndpointOptions{Name: "scones", …})
//	p, err := plan.Make(ctx, plan.Options{Name: "scones", Want: resources, Stacks: stack.EndpointStacks, Finders: account.Finders()})
//
// The names of all objects begin with the deployment's, except log groups, whose names AWS gives. Roles have the path /scones/REGION/.
package stack
