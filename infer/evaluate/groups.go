package evaluate

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/scones-unlimited/scones/preprocess/phash"
)

// Groups puts pictures that are the same in any sense into one group, also those that are so only through a third, and gives each the
// position of its group's first picture.
func Groups(ctx context.Context, prints []Print) ([]int, error) {
	u := newUnion(len(prints))
	// The same bytes and the same pixels need no comparing; a folder of one picture a thousand times would have half a million pairs.
	var different []int
	first := map[[32]byte]int{}
	for i := range prints {
		if at, seen := first[prints[i].Pixels]; seen {
			u.join(at, i)
			continue
		}
		first[prints[i].Pixels] = i
		if !prints[i].Flat {
			different = append(different, i)
		}
	}
	var lock sync.Mutex
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for k := int(next.Add(1)) - 1; k < len(different) && ctx.Err() == nil; k = int(next.Add(1)) - 1 {
				p := &prints[different[k]]
				mirrored := p.Hash.Mirrored()
				for _, j := range different[:k] {
					if h := prints[j].Hash; p.Hash.Within(h, phash.Near) || mirrored.Within(h, phash.Near) {
						lock.Lock()
						u.join(j, different[k])
						lock.Unlock()
					}
				}
			}
		})
	}
	wg.Wait()
	groups := make([]int, len(prints))
	for i := range groups {
		groups[i] = u.find(i)
	}
	return groups, ctx.Err()
}

// A union is a forest of disjoint sets; the smallest member stands for each.
type union []int

func newUnion(n int) union {
	u := make(union, n)
	for i := range u {
		u[i] = i
	}
	return u
}

func (u union) find(i int) int {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u union) join(i, j int) {
	a, b := u.find(i), u.find(j)
	u[max(a, b)] = min(a, b)
}
