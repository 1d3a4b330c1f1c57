package stage

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// leakage finds pictures of test and validation that are in a part before theirs, but for those that are known as rows of training.
func leakage(ctx context.Context, pictures []Picture, known []Case) ([]Case, error) {
	skip := map[string]bool{}
	for _, c := range known {
		skip[c.Picture] = true
	}
	at := byName(pictures)
	before, all := partPrints(pictures, Train), []Case(nil)
	for _, part := range []Part{Validation, Test} {
		prints := partPrints(pictures, part)
		matches, err := evaluate.Leaks(ctx, prints, before)
		if err != nil {
			return nil, err
		}
		for _, m := range matches {
			if !skip[m.Picture] {
				all = append(all, caseOf(at, m))
			}
		}
		before = append(before, prints...)
	}
	return all, nil
}

// duplicates finds pictures that are there more than once in their part, under one label. Groups that have only one picture need no look.
func duplicates(ctx context.Context, pictures []Picture, groups []int) ([]Case, error) {
	size := map[int]int{}
	for _, g := range groups {
		size[g]++
	}
	at := byName(pictures)
	var all []Case
	for _, part := range Parts {
		var prints []evaluate.Print
		for i := range pictures {
			if pictures[i].Part == part && size[groups[i]] > 1 {
				prints = append(prints, *pictures[i].print)
			}
		}
		matches, err := evaluate.Duplicates(ctx, prints)
		if err != nil {
			return nil, err
		}
		for _, m := range matches {
			if !m.Contradicts() {
				all = append(all, caseOf(at, m))
			}
		}
	}
	return all, nil
}

// twoLabels finds groups whose pictures have different labels, and names every picture but the group's first with one that contradicts it.
func twoLabels(pictures []Picture, groups []int) []Case {
	var all []Case
	members := map[int][]int{}
	for i := range pictures {
		members[groups[i]] = append(members[groups[i]], i)
	}
	for i := range pictures {
		group := members[groups[i]]
		p := &pictures[i]
		for _, j := range group {
			o := &pictures[j]
			if o.Label != p.Label && p.Name != "" && j < i {
				text := fmt.Sprintf("is %s and %s", p.Label, o.Label)
				all = append(all, Case{p.Name, p.Part, p.Label, o.Name, o.Part, o.Label, text})
				break
			}
		}
	}
	return all
}

// trainRows finds rows of test and validation that name a picture of training: the same file, or the same name where the file gives the
// same picture. A table of test rows made from the training set's is how that comes about.
func trainRows(pictures []Picture) []Case {
	byFile := map[string]*Picture{}
	for i := range pictures {
		if p := &pictures[i]; p.Part == Train {
			byFile[p.Name] = p
			byFile["/"+path.Base(p.File)] = p
		}
	}
	var all []Case
	for i := range pictures {
		p := &pictures[i]
		if p.Part == Train {
			continue
		}
		o := byFile[p.Name]
		if o == nil {
			o = byFile["/"+path.Base(p.File)]
		}
		if o != nil && o.print.Pixels == p.print.Pixels {
			all = append(all, Case{p.Name, p.Part, p.Label, o.Name, o.Part, o.Label, "row of " + string(p.Part) + " has a name and a picture of train"})
		}
	}
	return all
}

// partPrints are the fingerprints of a part.
func partPrints(pictures []Picture, part Part) (all []evaluate.Print) {
	for i := range pictures {
		if pictures[i].Part == part {
			all = append(all, *pictures[i].print)
		}
	}
	return all
}

func byName(pictures []Picture) map[string]*Picture {
	at := make(map[string]*Picture, len(pictures))
	for i := range slices.Backward(pictures) {
		at[pictures[i].Name] = &pictures[i]
	}
	return at
}

func caseOf(at map[string]*Picture, m evaluate.Match) Case {
	p, o := at[m.Picture], at[m.Other]
	text := string(m.Sameness)
	if m.Distance > 0 {
		text = fmt.Sprintf("%s, %d of 255 bits apart", m.Sameness, m.Distance)
	}
	return Case{m.Picture, cmp.Or(p.Part, Unsplit), p.Label, m.Other, o.Part, o.Label, text}
}
