package graph

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// Sizes in points. A character's width is what text of the font takes on average.
const (
	stateHeight  = 44
	stateWidth   = 132 // at least
	markerRadius = 20
	charWidth    = 6.4
	smallWidth   = 5.2
	padding      = 18
	header       = 34 // of a Map or Parallel, above what is in it
	gapX         = 26
	gapY         = 24
	labelHeight  = 16
	labelChars   = 34
)

// A box is a rectangle of the picture: a state, or the start or end of a machine.
type box struct {
	state   *asl.State // nil for start and end
	marker  string     // "Start" or "End"
	inner   []*plan    // what a Map or Parallel holds
	outcome Outcome
	w, h    float64
	x, y    float64 // its centre, y downwards
}

// An arrow leads from a box to another.
type arrow struct {
	from, to *box
	label    string
	caught   bool // by Catch
	points   []point
	at       point // of the label
}

type point struct{ x, y float64 }

// A plan is a machine laid out: its boxes and arrows, in a rectangle from (0, 0) to (w, h).
type plan struct {
	boxes  []*box
	first  *box // where it starts
	end    *box // nil within a Map or Parallel
	arrows []*arrow
	w, h   float64
}

// newPlan lays out a machine. The whole definition has a start and an end; what a Map or Parallel holds has its frame.
func newPlan(m *asl.Machine, outcomes map[string]Outcome, whole bool) *plan {
	p := &plan{}
	byName := map[string]*box{}
	for _, s := range m.States {
		b := newBox(s, outcomes)
		byName[s.Name] = b
		p.boxes = append(p.boxes, b)
	}
	p.first = byName[m.StartAt]
	if whole {
		p.mark(outcomes[m.StartAt] != Idle)
	}
	for _, s := range m.States {
		b := byName[s.Name]
		switch {
		case s.Next != "":
			p.arrows = append(p.arrows, &arrow{from: b, to: byName[s.Next]})
		case whole && s.Type != asl.Choice:
			p.arrows = append(p.arrows, &arrow{from: b, to: p.end})
		}
		for _, rule := range s.Choices {
			p.arrows = append(p.arrows, &arrow{from: b, to: byName[rule.Next], label: shorten(rule.String())})
		}
		if s.Default != "" {
			p.arrows = append(p.arrows, &arrow{from: b, to: byName[s.Default], label: "default"})
		}
		for _, c := range s.Catch {
			p.arrows = append(p.arrows, &arrow{from: b, to: byName[c.Next], label: catchLabel(c), caught: true})
		}
	}
	for _, a := range p.arrows {
		if o := a.from.outcome; whole && a.to == p.end && (o == Succeeded || o == Failed && p.end.outcome == Idle) {
			p.end.outcome = o
		}
	}
	p.arrange()
	return p
}

// mark adds the start and the end.
func (p *plan) mark(begun bool) {
	start := &box{marker: "Start", w: 2 * markerRadius, h: 2 * markerRadius}
	if begun {
		start.outcome = Succeeded
	}
	p.end = &box{marker: "End", w: 2 * markerRadius, h: 2 * markerRadius}
	p.arrows = append(p.arrows, &arrow{from: start, to: p.first})
	p.boxes, p.first = append(p.boxes, start, p.end), start
}

// newBox measures a state, and lays out what is in it.
func newBox(s *asl.State, outcomes map[string]Outcome) *box {
	b := &box{state: s, outcome: outcomes[s.Name], h: stateHeight}
	b.w = max(stateWidth, charWidth*float64(utf8.RuneCountInString(s.Name))+2*padding)
	machines := s.Branches
	if s.Processor != nil {
		machines = append(machines, s.Processor)
	}
	if len(machines) == 0 {
		return b
	}
	w, h := float64(padding), 0.0
	for _, m := range machines {
		inner := newPlan(m, outcomes, false)
		b.inner = append(b.inner, inner)
		w, h = w+inner.w+padding, max(h, inner.h)
	}
	b.w, b.h = max(b.w, w, smallWidth*float64(len(kindOf(s))+6)), h+header+padding
	return b
}

// kindOf is the small text in a state's box.
func kindOf(s *asl.State) string {
	switch {
	case s.Type == asl.Task:
		if _, what, ok := strings.Cut(s.Resource, "arn:aws:states:::"); ok {
			return what
		}
		return "task"
	case s.Distributed:
		return "Map, distributed"
	}
	return string(s.Type)
}

func catchLabel(c asl.Catcher) string {
	if len(c.Errors) > 1 {
		return fmt.Sprintf("%s +%d", shorten(c.Errors[0]), len(c.Errors)-1)
	}
	return shorten(c.Errors[0])
}

// shorten keeps a label's end, which tells paths apart.
func shorten(label string) string {
	if runes := []rune(label); len(runes) > labelChars {
		return "…" + string(runes[len(runes)-labelChars+1:])
	}
	return label
}
