package draw

import "math"

// random is a splitmix64 sequence: small, seeded, and the same in every Go release.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	return mixBits(uint64(*r))
}

func mixBits(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit returns a value from 0 up to 1.
func (r *random) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

// between returns a value from lo up to hi.
func (r *random) between(lo, hi float64) float64 { return lo + (hi-lo)*r.unit() }

// normal returns nearly a standard normal value: the sum of four uniform ones, scaled.
func (r *random) normal() float64 {
	return (r.unit() + r.unit() + r.unit() + r.unit() - 2) * math.Sqrt(3)
}

// clouds is smooth value noise, 0 to 1, about one bump a unit of x and y.
func clouds(seed uint64, x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	at := func(dx, dy int64) float64 {
		h := mixBits(seed ^ uint64(int64(fx)+dx)*0x8da6b343 ^ uint64(int64(fy)+dy)*0xd8163841<<7)
		return float64(h>>11) / (1 << 53)
	}
	sx, sy := smooth(x-fx), smooth(y-fy)
	top := at(0, 0) + (at(1, 0)-at(0, 0))*sx
	bottom := at(0, 1) + (at(1, 1)-at(0, 1))*sx
	return top + (bottom-top)*sy
}

// fractal sums four octaves of [clouds], 0 to 1.
func fractal(seed uint64, x, y float64) float64 {
	var sum float64
	for i, weight := range []float64{0.53, 0.27, 0.13, 0.07} {
		k := float64(int(1) << i)
		sum += weight * clouds(seed+uint64(i), x*k, y*k)
	}
	return sum
}

// smooth is the cubic step from 0 to 1.
func smooth(t float64) float64 {
	t = min(max(t, 0), 1)
	return t * t * (3 - 2*t)
}
