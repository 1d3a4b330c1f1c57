package stage

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// The share of the files of one kind of name that must be of another class, and how many at least, before a label is in doubt. Among 1,000
// pictures of CIFAR-100, 99 of 105 files named bike are bicycles; the other six are motorcycles that their finders called so.
const (
	doubtShare = 0.9
	doubtFiles = 10
)

// labels compares each label with the name of its file, and with the group that the source gives it.
func labels(pictures []Picture, classes, known []string) (mismatched, doubted []Case) {
	named := map[string]string{} // a class by how a file says it
	for _, class := range slices.Concat(known, classes) {
		named[singular(words(class))] = class
	}
	terms := map[string]map[string]int{}  // files by term and label
	groups := map[string]map[string]int{} // pictures by label and group
	count := func(m map[string]map[string]int, a, b string) {
		if m[a] == nil {
			m[a] = map[string]int{}
		}
		m[a][b]++
	}
	for i := range pictures {
		count(terms, termOf(&pictures[i]), pictures[i].Label)
		count(groups, pictures[i].Label, pictures[i].Group)
	}
	for i := range pictures {
		p := &pictures[i]
		c := Case{Picture: p.Name, Part: p.Part, Label: p.Label}
		term := termOf(p)
		class, isClass := named[singular(term)]
		usual, share, files := most(terms[term])
		group, groupShare, _ := most(groups[p.Label])
		switch {
		case isClass && class != p.Label:
			c.Text = fmt.Sprintf("is named after %s, labelled %s", class, p.Label)
			mismatched = append(mismatched, c)
		case group != p.Group && groupShare >= doubtShare:
			c.Text = fmt.Sprintf("its source counts it among %s, labelled %s, which belongs to %s", p.Group, p.Label, group)
			mismatched = append(mismatched, c)
		case term != "" && usual != p.Label && share >= doubtShare && files >= doubtFiles:
			c.Text = fmt.Sprintf("labelled %s; %d of %d files named %s are %s", p.Label, terms[term][usual], files, term, usual)
			doubted = append(doubted, c)
		}
	}
	return mismatched, doubted
}

// most is the most frequent of what was counted; the lexically first of equals.
func most(counts map[string]int) (what string, share float64, total int) {
	best := 0
	for k, n := range counts {
		total += n
		if n > best || n == best && k < what {
			what, best = k, n
		}
	}
	return what, float64(best) / float64(max(total, 1)), total
}

// termOf is what a file's name says before its number: safety_bicycle of safety_bicycle_s_000017.png, dog of dog.12.jpg.
func termOf(p *Picture) string {
	base := path.Base(strings.ReplaceAll(p.Name, "\\", "/"))
	base = strings.TrimSuffix(base, path.Ext(base))
	if i := strings.IndexAny(base, "0123456789"); i >= 0 {
		base = base[:i]
	}
	return strings.TrimSuffix(words(base), "_s") // s is Tiny Images' size
}

// words writes a name in lower case with one underscore between words.
func words(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune(" _-.()", r) })
	return strings.Join(fields, "_")
}

// singular makes cats and cat one.
func singular(term string) string {
	if len(term) > 3 && !strings.HasSuffix(term, "ss") {
		return strings.TrimSuffix(term, "s")
	}
	return term
}
