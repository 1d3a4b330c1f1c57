package plan

import (
	"cmp"
	"slices"
)

// ordered returns resources and all that they need, each behind what it needs, otherwise by kind and name; one that is there twice comes
// once. The error is a [*CycleError].
func ordered(want []Resource) ([]Resource, error) {
	const under, done = 1, 2
	var (
		order []Resource
		mark  = make(map[id]int)
		path  []string
		visit func(Resource) error
	)
	visit = func(r Resource) error {
		switch mark[idOf(r)] {
		case done:
			return nil
		case under:
			return &CycleError{append(slices.Clone(path), string(r.Kind())+" "+r.Name())}
		}
		mark[idOf(r)] = under
		path = append(path, string(r.Kind())+" "+r.Name())
		for _, need := range sortedByKind(r.Needs()) {
			if err := visit(need); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		mark[idOf(r)] = done
		order = append(order, r)
		return nil
	}
	for _, r := range sortedByKind(want) {
		if err := visit(r); err != nil {
			return nil, err
		}
	}
	return order, nil
}

func sortedByKind[T Item](items []T) []T {
	return slices.SortedStableFunc(slices.Values(items), func(a, b T) int {
		return cmp.Or(cmp.Compare(a.Kind().rank(), b.Kind().rank()), cmp.Compare(a.Name(), b.Name()))
	})
}

// backwards is the order in which objects are deleted of which only the kind tells what uses what.
func backwards(changes []*Change) []*Change {
	return slices.SortedStableFunc(slices.Values(changes), func(a, b *Change) int {
		return cmp.Or(cmp.Compare(b.Kind.rank(), a.Kind.rank()), cmp.Compare(b.Name, a.Name))
	})
}
