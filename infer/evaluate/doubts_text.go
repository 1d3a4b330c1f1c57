package evaluate

import "fmt"

// A DoubtKind says what a doubt is about.
type DoubtKind string

// The kinds, the gravest first.
const (
	Leakage      DoubtKind = "leakage"       // Leaked
	TwoLabels    DoubtKind = "two-labels"    // Duplicates that contradict
	Repeated     DoubtKind = "repeated"      // the other Duplicates
	Contradicted DoubtKind = "contradicted"  // Contradicted
	MissingClass DoubtKind = "missing-class" // MissingClasses
	Unequal      DoubtKind = "unequal"       // Imbalance
	NoAnswer     DoubtKind = "no-answer"     // Unreadable
	NoTruth      DoubtKind = "no-truth"      // Unlabelled
	NotCompared  DoubtKind = "not-compared"  // UnreadableTrain
)

// A Doubt is one kind of doubt in words.
type Doubt struct {
	Kind  DoubtKind
	Grave bool // the figures may be worthless
	Text  string
}

// Doubts in words, the gravest first; none where nothing was found.
func (d *Doubts) Doubts() []Doubt {
	var all []Doubt
	say := func(kind DoubtKind, n int, one, many string) {
		grave := kind == Leakage || kind == TwoLabels
		switch {
		case n == 1:
			all = append(all, Doubt{kind, grave, "1 " + one})
		case n > 1:
			all = append(all, Doubt{kind, grave, fmt.Sprintf("%d %s", n, many)})
		}
	}
	say(Leakage, len(d.Leaked), "picture is also among the training pictures; figures with it say nothing of new ones",
		"pictures are also among the training pictures; figures with them say nothing of new ones")
	two := 0
	for i := range d.Duplicates {
		if d.Duplicates[i].Contradicts() {
			two++
		}
	}
	say(TwoLabels, two, "picture is there under two labels", "pictures are there under two labels")
	say(Repeated, len(d.Duplicates)-two, "picture is there more than once", "pictures are there more than once")
	say(Contradicted, len(d.Contradicted), "label is contradicted by the model with confidence", "labels are contradicted by the model with confidence")
	say(MissingClass, len(d.MissingClasses), "class has no picture", "classes have no picture")
	if i := d.Imbalance; i != nil {
		all = append(all, Doubt{Unequal, false, fmt.Sprintf("the classes are unequal: %d pictures of %s, %d of %s", i.Most.Pictures, i.Most.Label, i.Least.Pictures, i.Least.Label)})
	}
	say(NoAnswer, len(d.Unreadable), "picture has no answer and is in no figure", "pictures have no answer and are in no figure")
	say(NoTruth, len(d.Unlabelled), "picture has no true class and is in no figure", "pictures have no true class and are in no figure")
	say(NotCompared, len(d.UnreadableTrain), "training picture could not be compared", "training pictures could not be compared")
	return all
}

// Lines name the pictures, or the classes, of a kind of doubt, one a line.
func (d *Doubts) Lines(kind DoubtKind) (all []string) {
	match := func(m *Match) {
		line := fmt.Sprintf("%s = %s (%s)", m.Picture, m.Other, m.Sameness)
		if m.Contradicts() {
			line += fmt.Sprintf(", %s and %s", m.Label, m.OtherLabel)
		}
		all = append(all, line)
	}
	failure := func(list []Failure) {
		for _, f := range list {
			all = append(all, fmt.Sprintf("%s: %s: %s", f.Picture, f.Code, f.Text))
		}
	}
	switch kind {
	case Leakage:
		for i := range d.Leaked {
			match(&d.Leaked[i])
		}
	case TwoLabels, Repeated:
		for i := range d.Duplicates {
			if m := &d.Duplicates[i]; m.Contradicts() == (kind == TwoLabels) {
				match(m)
			}
		}
	case Contradicted:
		for _, c := range d.Contradicted {
			all = append(all, fmt.Sprintf("%s: labelled %s, the model says %s %.4f", c.Picture, c.Label, c.Predicted, c.Score))
		}
	case MissingClass:
		all = d.MissingClasses
	case NoAnswer:
		failure(d.Unreadable)
	case NoTruth:
		all = d.Unlabelled
	case NotCompared:
		failure(d.UnreadableTrain)
	}
	return all
}
