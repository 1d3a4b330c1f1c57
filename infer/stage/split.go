package stage

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// assign gives every picture a part, and returns the groups of pictures that are the same. It changes pictures in place.
func (s *Stage) assign(ctx context.Context, pictures []Picture, o Options) ([]int, error) {
	prints := make([]evaluate.Print, len(pictures))
	for i := range pictures {
		prints[i] = *pictures[i].print
	}
	groups, err := evaluate.Groups(ctx, prints)
	if err != nil {
		return nil, err
	}
	s.New = o.Resplit || !s.Source.Split
	if s.New {
		for i := range pictures {
			pictures[i].Part = Train
		}
		move(pictures, groups, Test, o.test(), o.Seed)
	}
	has := slices.ContainsFunc(pictures, func(p Picture) bool { return p.Part == Validation })
	if o.Validation > 0 && !has {
		move(pictures, groups, Validation, o.Validation, o.Seed)
	}
	return groups, nil
}

// A bundle is pictures that must stay together.
type bundle struct {
	pictures []int
	key      [sha256.Size]byte
}

// move takes a share of each class's training pictures into another part, whole groups at a time. Which, is decided by a hash of the seed and
// of the pixels: it is the same on every machine and whatever the files are called, and a picture more moves few of the others. Of a class
// with two pictures or more at least one is moved, and one stays; a group with two labels stays in training.
func move(pictures []Picture, groups []int, to Part, share float64, seed uint64) {
	members := map[int][]int{}
	for i := range pictures {
		members[groups[i]] = append(members[groups[i]], i)
	}
	classes := map[string][]bundle{}
	total := map[string]int{}
	for _, i := range slices.Sorted(maps.Keys(members)) {
		all := members[i]
		label := pictures[all[0]].Label
		together := true
		for _, m := range all {
			total[pictures[m].Label]++
			together = together && pictures[m].Part == Train && pictures[m].Label == label
		}
		if together {
			classes[label] = append(classes[label], bundle{all, bundleKey(pictures, all, to, seed)})
		}
	}
	for label, bundles := range classes {
		slices.SortFunc(bundles, func(a, b bundle) int {
			return cmp.Or(bytes.Compare(a.key[:], b.key[:]), cmp.Compare(a.pictures[0], b.pictures[0]))
		})
		want := int(math.Round(share * float64(total[label])))
		if total[label] > 1 {
			want = min(max(want, 1), total[label]-1)
		}
		for _, b := range bundles {
			if len(b.pictures) > want {
				continue
			}
			want -= len(b.pictures)
			for _, i := range b.pictures {
				pictures[i].Part = to
			}
		}
	}
}

// bundleKey orders bundles by chance, as the seed and their smallest pixels have it.
func bundleKey(pictures []Picture, all []int, to Part, seed uint64) [sha256.Size]byte {
	least := pictures[all[0]].print.Pixels
	for _, i := range all[1:] {
		if p := pictures[i].print.Pixels; bytes.Compare(p[:], least[:]) < 0 {
			least = p
		}
	}
	text := binary.LittleEndian.AppendUint64([]byte(to), seed)
	return sha256.Sum256(append(text, least[:]...))
}
