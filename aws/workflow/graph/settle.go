package graph

import (
	"cmp"
	"slices"
)

// settle turns slots into coordinates: layers from the top, everything moved to the right of zero, arrows between the borders.
func (p *plan) settle(layers [][]*slot, ways map[*arrow][]*slot) {
	left, right := 0.0, 0.0
	for i, layer := range layers {
		for j, s := range layer {
			if i == 0 && j == 0 {
				left, right = s.x-s.w/2, s.x+s.w/2
			}
			left, right = min(left, s.x-s.w/2), max(right, s.x+s.w/2)
		}
	}
	y := make(map[*slot]float64)
	top := float64(padding)
	for _, layer := range layers {
		height := 0.0
		for _, s := range layer {
			height = max(height, s.h)
		}
		for _, s := range layer {
			s.x += padding - left
			if y[s] = top + height/2; s.box != nil {
				s.box.x, s.box.y = s.x, y[s]
				s.box.shift()
			}
		}
		top += height + gapY
	}
	p.w, p.h = right-left+2*padding, top-gapY+padding
	leaving, arriving := map[*box][]*arrow{}, map[*box][]*arrow{}
	for _, a := range p.arrows {
		if ways[a] != nil {
			leaving[a.from], arriving[a.to] = append(leaving[a.from], a), append(arriving[a.to], a)
		}
	}
	for a, way := range ways {
		if way[0].box != a.from { // it leads back, and so upwards
			way = slices.Clone(way)
			slices.Reverse(way)
		}
		for _, s := range way[1 : len(way)-1] {
			a.points = append(a.points, point{s.x, y[s]})
			if s.h > 0 {
				a.at = point{s.x, y[s]}
			}
		}
	}
	for b, arrows := range leaving {
		b.port(arrows, func(a *arrow) point { return a.points[0] }, func(a *arrow, at point) { a.points = append([]point{at}, a.points...) })
	}
	for b, arrows := range arriving {
		b.port(arrows, func(a *arrow) point { return a.points[len(a.points)-1] }, func(a *arrow, at point) { a.points = append(a.points, at) })
	}
}

// port gives arrows their ends on a box's border, beside each other in the order of where they come from or go to.
func (b *box) port(arrows []*arrow, towards func(*arrow) point, set func(*arrow, point)) {
	slices.SortStableFunc(arrows, func(x, y *arrow) int { return cmp.Compare(towards(x).x, towards(y).x) })
	step := min(16, b.w*0.4/float64(max(1, len(arrows)-1)))
	if b.marker != "" {
		step = 0
	}
	middle := float64(len(arrows)-1) / 2
	if i := slices.IndexFunc(arrows, func(a *arrow) bool { return !a.caught && a.label == "" }); i >= 0 {
		middle = float64(i) // what goes on as planned goes straight
	}
	for i, a := range arrows {
		at := point{b.x + step*(float64(i)-middle), b.y + b.h/2}
		if towards(a).y < b.y {
			at.y = b.y - b.h/2
		}
		set(a, at)
	}
}

// shift moves what a Map or Parallel holds to where its box is.
func (b *box) shift() {
	total := 0.0
	for _, inner := range b.inner {
		total += inner.w
	}
	gap := (b.w - total) / float64(len(b.inner)+1)
	x := b.x - b.w/2 + gap
	for _, inner := range b.inner {
		inner.move(x, b.y-b.h/2+header)
		x += inner.w + gap
	}
}

func (p *plan) move(dx, dy float64) {
	for _, b := range p.boxes {
		b.x, b.y = b.x+dx, b.y+dy
		for _, inner := range b.inner {
			inner.move(dx, dy)
		}
	}
	for _, a := range p.arrows {
		a.at = point{a.at.x + dx, a.at.y + dy}
		for i := range a.points {
			a.points[i] = point{a.points[i].x + dx, a.points[i].y + dy}
		}
	}
}
