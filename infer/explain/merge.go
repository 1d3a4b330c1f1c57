package explain

import "math"

// merge makes one map of what covering each patch cost. A pixel's value for one size is the mean over the patches that it lies
// under; each size's map is scaled to a mean square of 1 before they are averaged, or large patches, which always cost more, would drown
// the small. Measured as for [Blur], the gap is 0.58; without the scaling it is 0.55, with it and weights that fall off from a patch's middle
// 0.57. The result is scaled to a largest absolute value of 1; a model that does not care about any patch gives zeros.
func merge(width, height int, patches []patch, drops []float64) []float64 {
	total := make([]float64, width*height)
	for first := 0; first < len(patches); {
		last := first
		for last < len(patches) && patches[last].size == patches[first].size {
			last++
		}
		one := spread(width, height, patches[first:last], drops[first:last])
		var square float64
		for _, v := range one {
			square += v * v
		}
		if root := math.Sqrt(square / float64(len(one))); root > 0 {
			for i, v := range one {
				total[i] += v / root
			}
		}
		first = last
	}
	var largest float64
	for _, v := range total {
		largest = max(largest, math.Abs(v))
	}
	if largest > 0 {
		for i := range total {
			total[i] /= largest
		}
	}
	return total
}

// spread gives each pixel the mean of the patches over it.
func spread(width, height int, patches []patch, drops []float64) []float64 {
	sums, counts := make([]float64, width*height), make([]float64, width*height)
	for i, p := range patches {
		for y := p.y0; y < p.y1; y++ {
			for x := p.x0; x < p.x1; x++ {
				sums[y*width+x] += drops[i]
				counts[y*width+x]++
			}
		}
	}
	for i, n := range counts {
		sums[i] /= max(n, 1)
	}
	return sums
}
