package picturestats

import (
	"crypto/sha256"
	"math"

	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/phash"
)

// A Reader measures pictures. It is safe for concurrent use and keeps its memory for the next picture.
type Reader struct{ hashes *phash.Reader }

// NewReader returns a reader; limits hold for every picture.
func NewReader(limits preprocess.Limits) (*Reader, error) {
	hashes, err := phash.NewReader(limits)
	return &Reader{hashes}, err
}

// Stats measures the picture in a file's bytes. Errors are [*preprocess.ImageError].
func (r *Reader) Stats(data []byte) (Stats, error) {
	s := Stats{Format: preprocess.FormatOf(data), Bytes: len(data)}
	picture, err := r.hashes.Decode(data)
	if err != nil {
		return Stats{}, err
	}
	defer r.hashes.Release(picture)
	if s.Hash, s.Flat, err = r.hashes.Look(picture); err != nil {
		return Stats{}, err
	}
	s.SHA256 = sha256.Sum256(data)
	s.measure(picture)
	return s, nil
}

// measure takes all numbers of a colour picture. It writes luma over the front of its samples, so that no memory is needed beside them.
func (s *Stats) measure(picture *preprocess.Picture) {
	s.Width, s.Height = picture.Width, picture.Height
	n := float64(s.Width) * float64(s.Height)
	pix := picture.Pix
	luma := pix[:s.Width*s.Height]
	var histogram [256]int64
	var redGreen, blueYellow moments // of R − G and of R + G − 2 B, which is twice (R + G)/2 − B
	var saturation float64
	s.Grey = true
	for i := range luma {
		p := pix[3*i:][:3]
		r, g, b := p[0], p[1], p[2]
		if r != g || g != b {
			s.Grey = false
			redGreen.add(int64(r) - int64(g))
			blueYellow.add(int64(r) + int64(g) - 2*int64(b))
			most := max(r, g, b)
			saturation += float64(most-min(r, g, b)) / float64(most)
		}
		y := phash.Luma(r, g, b)
		histogram[y]++
		luma[i] = y
	}
	s.Saturation = saturation / n
	s.Colourfulness = math.Sqrt(redGreen.variance(n)+blueYellow.variance(n)/4) + 0.3*math.Hypot(redGreen.mean(n), blueYellow.mean(n)/2)
	var levels moments
	s.Entropy = 0
	for level, count := range histogram {
		if count > 0 {
			levels.sum += int64(level) * count
			levels.squares += int64(level) * int64(level) * count
			share := float64(count) / n
			s.Entropy -= share * math.Log2(share)
		}
	}
	s.Entropy = max(s.Entropy, 0) // one level gives −0
	s.Brightness = levels.mean(n) / 255
	s.Contrast = math.Sqrt(levels.variance(n)) / 255
	s.Sharpness = laplacian(luma, s.Width, s.Height)
}

// laplacian is the variance of the Laplacian.
func laplacian(luma []uint8, width, height int) float64 {
	var m moments
	for y := range height {
		above, row, below := line(luma, width, mirrored(y-1, height)), line(luma, width, y), line(luma, width, mirrored(y+1, height))
		for x, v := range row {
			left, right := row[mirrored(x-1, width)], row[mirrored(x+1, width)]
			m.add(int64(above[x]) + int64(below[x]) + int64(left) + int64(right) - 4*int64(v))
		}
	}
	return m.variance(float64(width) * float64(height))
}

func line(luma []uint8, width, y int) []uint8 { return luma[y*width:][:width] }

// mirrored brings an index that is one beyond an edge back to the other side of the outermost pixel.
func mirrored(i, n int) int {
	switch {
	case n == 1:
		return 0
	case i < 0:
		return 1
	case i == n:
		return n - 2
	}
	return i
}

// moments are sums of whole numbers, exact in any order: 2^27 pixels of squares below 2^21 fit.
type moments struct{ sum, squares int64 }

func (m *moments) add(v int64) { m.sum += v; m.squares += v * v }

func (m *moments) mean(n float64) float64 { return float64(m.sum) / n }

// variance of n values, of the whole population.
func (m *moments) variance(n float64) float64 {
	mean := m.mean(n)
	return max(0, float64(m.squares)/n-mean*mean)
}
