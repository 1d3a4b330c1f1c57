package stage

import (
	"fmt"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// When a picture is odd. A share of nearly all is usual: what differs from it is worth a look. A side below tiny shows nothing that a
// network with 32 pixels could use; four times as long as wide, a stretch makes another thing of it.
const (
	usualShare = 0.95
	tiny       = 8
	maxAspect  = 4
)

// odd finds pictures that are unlike the others.
func odd(pictures []Picture) (all []Case) {
	sizes := map[string]int{}
	grey := 0
	for i := range pictures {
		sizes[sizeOf(&pictures[i])]++
		if pictures[i].print.Grey {
			grey++
		}
	}
	size, share, _ := most(sizes)
	colour := 1 - float64(grey)/float64(len(pictures))
	for i := range pictures {
		p := &pictures[i]
		w, h := p.print.Width, p.print.Height
		text := ""
		switch {
		case p.print.Flat:
			text = "has one colour and no contrast"
		case min(w, h) < tiny:
			text = fmt.Sprintf("has %d × %d pixels", w, h)
		case w > maxAspect*h || h > maxAspect*w:
			text = fmt.Sprintf("has %d × %d pixels; stretched to a square it is another thing", w, h)
		case share >= usualShare && share < 1 && sizeOf(p) != size:
			text = fmt.Sprintf("has %d × %d pixels, nearly all have %s", w, h, size)
		case p.print.Grey && colour >= usualShare:
			text = "is grey, nearly all have colour"
		case !p.print.Grey && colour <= 1-usualShare:
			text = "has colour, nearly all are grey"
		default:
			continue
		}
		all = append(all, Case{Picture: p.Name, Part: p.Part, Label: p.Label, Text: text})
	}
	return all
}

func sizeOf(p *Picture) string { return fmt.Sprintf("%d × %d", p.print.Width, p.print.Height) }

// tooSmall finds pictures that the training refuses: "an image smaller than it in any dimension" fails the job.
func tooSmall(pictures []Picture, o Options) (all []Case) {
	for i := range pictures {
		p := &pictures[i]
		if int(p.print.Width) < o.MinWidth || int(p.print.Height) < o.MinHeight {
			text := fmt.Sprintf("has %s pixels, the image shape asks for %d × %d", sizeOf(p), o.MinWidth, o.MinHeight)
			all = append(all, Case{Picture: p.Name, Part: p.Part, Label: p.Label, Text: text})
		}
	}
	return all
}

// fewPictures of a class are too few to learn from.
const fewPictures = 10

// balance looks at the classes of each part.
func balance(pictures []Picture, classes []string) (missing, unequal, few []Case) {
	for _, part := range Parts {
		counts := make(map[string]int, len(classes))
		total := 0
		for i := range pictures {
			if pictures[i].Part == part {
				counts[pictures[i].Label]++
				total++
			}
		}
		if total == 0 && part == Validation {
			continue
		}
		largest, _, _ := most(counts)
		for _, class := range classes {
			n := counts[class]
			c := Case{Part: part, Label: class}
			switch {
			case n == 0:
				c.Text = fmt.Sprintf("%s has no picture in %s", class, part)
				missing = append(missing, c)
				continue
			case counts[largest] >= evaluate.MaxImbalance*n:
				c.Text = fmt.Sprintf("%s has %d in %s, %s has %d", class, n, part, largest, counts[largest])
				unequal = append(unequal, c)
			}
			if n < fewPictures && part == Train {
				c.Text = fmt.Sprintf("%s has %d in %s", class, n, part)
				few = append(few, c)
			}
		}
	}
	return missing, unequal, few
}
