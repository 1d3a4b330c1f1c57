package graph

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// A slot is a place in a layer: a box, or a point that an arrow passes, where its label may stand.
type slot struct {
	box      *box
	w, h     float64
	layer    int
	x        float64
	up, down []link
}

// A link leads to a slot of the next layer; straight says how much it wants to be vertical.
type link struct {
	to       *slot
	straight float64
}

// arrange gives every box and arrow its place, by Sugiyama's method: boxes in layers by how far they are from the start, their order in
// a layer by where their neighbours are, and then the least squares of bends.
func (p *plan) arrange() {
	rank := p.ranks()
	layers, ways := p.slots(rank)
	order(layers)
	place(layers)
	p.settle(layers, ways)
}

// ranks numbers the boxes by the longest way from the start, on even numbers: between two boxes there is always a layer for labels.
// Arrows that lead back count as if they led forward; the end comes last.
func (p *plan) ranks() map[*box]int {
	next := map[*box][]*box{}
	for _, a := range p.arrows {
		next[a.from] = append(next[a.from], a.to)
	}
	var sorted []*box // in reverse
	state := map[*box]int{}
	forward := map[[2]*box]bool{}
	var visit func(b *box)
	visit = func(b *box) {
		state[b] = 1
		for _, to := range next[b] {
			forward[[2]*box{b, to}] = state[to] != 1
			if state[to] == 0 {
				visit(to)
			}
		}
		state[b] = 2
		sorted = append(sorted, b)
	}
	visit(p.first)
	rank := map[*box]int{}
	for _, b := range slices.Backward(sorted) {
		for _, to := range next[b] {
			if forward[[2]*box{b, to}] {
				rank[to] = max(rank[to], rank[b]+2)
			}
		}
	}
	if end := p.end; end != nil && state[end] != 0 {
		for _, b := range sorted {
			if b != end {
				rank[end] = max(rank[end], rank[b]+2)
			}
		}
	}
	return rank
}

// slots puts boxes into layers, and a slot for each layer that an arrow passes. Ways are the slots of each arrow, from its upper end.
func (p *plan) slots(rank map[*box]int) ([][]*slot, map[*arrow][]*slot) {
	of := map[*box]*slot{}
	var layers [][]*slot
	add := func(s *slot) *slot {
		for len(layers) <= s.layer {
			layers = append(layers, nil)
		}
		layers[s.layer] = append(layers[s.layer], s)
		return s
	}
	for _, b := range p.boxes {
		if _, reached := rank[b]; reached || b == p.first {
			of[b] = add(&slot{box: b, w: b.w, h: b.h, layer: rank[b]})
		}
	}
	ways := map[*arrow][]*slot{}
	for _, a := range p.arrows {
		upper, lower := of[a.from], of[a.to]
		if upper == nil || lower == nil {
			continue
		}
		if upper.layer > lower.layer {
			upper, lower = lower, upper
		}
		way := []*slot{upper}
		straight := 12.0
		if a.caught {
			straight = 1
		}
		for layer := upper.layer + 1; layer < lower.layer; layer++ {
			s := add(&slot{w: 4, layer: layer})
			if a.label != "" && layer == upper.layer+1 {
				s.w, s.h = smallWidth*float64(utf8.RuneCountInString(a.label))+10, labelHeight
			}
			way = append(way, s)
		}
		way = append(way, lower)
		for i := range len(way) - 1 {
			weight := straight
			if i > 0 && i < len(way)-2 {
				weight *= 2 // long arrows run straight
			}
			way[i].down = append(way[i].down, link{way[i+1], weight})
			way[i+1].up = append(way[i+1].up, link{way[i], weight})
		}
		ways[a] = way
	}
	return layers, ways
}

// order sorts each layer by the middle of its neighbours, downwards and upwards, and keeps the order with the fewest crossings.
func order(layers [][]*slot) {
	position := map[*slot]float64{}
	number := func() {
		for _, layer := range layers {
			for i, s := range layer {
				position[s] = float64(i)
			}
		}
	}
	number()
	best, least := clone(layers), crossings(layers, position)
	for sweep := range 12 {
		for i := range layers {
			layer := layers[i]
			side := func(s *slot) []link { return s.up }
			if sweep%2 == 1 {
				layer = layers[len(layers)-1-i]
				side = func(s *slot) []link { return s.down }
			}
			middle := map[*slot]float64{}
			for _, s := range layer {
				sum, n := 0.0, 0.0
				for _, l := range side(s) {
					sum, n = sum+position[l.to]*l.straight, n+l.straight
				}
				if middle[s] = position[s]; n > 0 {
					middle[s] = sum / n
				}
			}
			slices.SortStableFunc(layer, func(a, b *slot) int { return cmp.Compare(middle[a], middle[b]) })
			for i, s := range layer {
				position[s] = float64(i)
			}
		}
		if n := crossings(layers, position); n < least {
			best, least = clone(layers), n
		}
	}
	for i := range layers {
		copy(layers[i], best[i])
	}
}

func clone(layers [][]*slot) [][]*slot {
	copied := make([][]*slot, len(layers))
	for i := range layers {
		copied[i] = slices.Clone(layers[i])
	}
	return copied
}

// crossings counts the pairs of links that cross.
func crossings(layers [][]*slot, position map[*slot]float64) int {
	n := 0
	for _, layer := range layers {
		for i, a := range layer {
			for _, b := range layer[i+1:] {
				for _, x := range a.down {
					for _, y := range b.down {
						if position[x.to] > position[y.to] {
							n++
						}
					}
				}
			}
		}
	}
	return n
}

// place gives each slot its x: again and again each layer goes where its neighbours want it, as near as its order and the gaps allow.
func place(layers [][]*slot) {
	for _, layer := range layers {
		x := 0.0
		for _, s := range layer {
			s.x = x + s.w/2
			x += s.w + gapX
		}
	}
	for sweep := range 300 {
		for i := range layers {
			layer := layers[i]
			if sweep%2 == 1 {
				layer = layers[len(layers)-1-i]
			}
			wish, weight := make([]float64, len(layer)), make([]float64, len(layer))
			for i, s := range layer {
				for _, l := range slices.Concat(s.up, s.down) {
					wish[i], weight[i] = wish[i]+l.to.x*l.straight, weight[i]+l.straight
				}
				if weight[i] == 0 {
					wish[i], weight[i] = s.x, 0.1
				} else {
					wish[i] /= weight[i]
				}
			}
			nearest(layer, wish, weight)
		}
	}
}

// nearest moves a layer's slots to the places with the least weighted squares from their wishes that keep order and gaps: what is left
// when the widths before each slot are taken off is isotonic regression, solved by pooling neighbours.
func nearest(layer []*slot, wish, weight []float64) {
	type pool struct {
		sum, weight float64
		n           int
	}
	var pools []pool
	offsets := make([]float64, len(layer))
	for i := range layer {
		if i > 0 {
			offsets[i] = offsets[i-1] + (layer[i-1].w+layer[i].w)/2 + gapX
		}
		pools = append(pools, pool{(wish[i] - offsets[i]) * weight[i], weight[i], 1})
		for k := len(pools) - 1; k > 0 && pools[k-1].sum/pools[k-1].weight > pools[k].sum/pools[k].weight; k-- {
			pools[k-1] = pool{pools[k-1].sum + pools[k].sum, pools[k-1].weight + pools[k].weight, pools[k-1].n + pools[k].n}
			pools = pools[:k]
		}
	}
	i := 0
	for _, q := range pools {
		for range q.n {
			layer[i].x = q.sum/q.weight + offsets[i]
			i++
		}
	}
}
