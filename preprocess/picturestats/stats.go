package picturestats

import (
	"encoding/hex"
	"encoding/json"

	"github.com/scones-unlimited/scones/preprocess/phash"
)

// Stats are the numbers of one picture. The package comment says what each means.
type Stats struct {
	// Format of the file: PNG, JPEG, WebP, GIF, BMP or TIFF.
	Format string
	// Bytes of the file.
	Bytes int
	// Width and Height in pixels, upright.
	Width, Height int
	// Grey tells that every pixel has its red, green and blue alike.
	Grey bool

	Brightness, Contrast, Colourfulness, Saturation, Sharpness, Entropy float64

	// SHA256 of the file: alike in exact copies.
	SHA256 [32]byte
	// Hash of the look: near in pictures that look alike, see [phash.Near]. It says nothing where Flat is true.
	Hash phash.Hash
	// Flat is true for a picture without contrast.
	Flat bool
}

// Aspect is width / height.
func (s *Stats) Aspect() float64 { return float64(s.Width) / float64(s.Height) }

// BytesPerPixel is the file's size over the picture's.
func (s *Stats) BytesPerPixel() float64 {
	return float64(s.Bytes) / (float64(s.Width) * float64(s.Height))
}

// Digest is the SHA-256 in hexadecimal digits.
func (s *Stats) Digest() string { return hex.EncodeToString(s.SHA256[:]) }

// A Metric is one of the numbers.
type Metric struct {
	Name string // as in tables, such as "brightness"
	Unit string // empty for a ratio
	Of   func(*Stats) float64
}

// Metrics are all numbers in the order of the package comment, and last whether a picture is grey, as 0 or 1.
var Metrics = []Metric{
	{"width", "px", func(s *Stats) float64 { return float64(s.Width) }},
	{"height", "px", func(s *Stats) float64 { return float64(s.Height) }},
	{"aspect", "", (*Stats).Aspect},
	{"bytes_per_pixel", "bytes", (*Stats).BytesPerPixel},
	{"brightness", "", func(s *Stats) float64 { return s.Brightness }},
	{"contrast", "", func(s *Stats) float64 { return s.Contrast }},
	{"colourfulness", "grey levels", func(s *Stats) float64 { return s.Colourfulness }},
	{"saturation", "", func(s *Stats) float64 { return s.Saturation }},
	{"sharpness", "grey levels²", func(s *Stats) float64 { return s.Sharpness }},
	{"entropy", "bits", func(s *Stats) float64 { return s.Entropy }},
	{"grey", "", func(s *Stats) float64 {
		if s.Grey {
			return 1
		}
		return 0
	}},
}

// MarshalJSON writes the numbers under the metrics' names, with the format, the bytes and both hashes in hexadecimal digits.
func (s *Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Format        string  `json:"format"`
		Bytes         int     `json:"bytes"`
		Width         int     `json:"width"`
		Height        int     `json:"height"`
		Aspect        float64 `json:"aspect"`
		BytesPerPixel float64 `json:"bytes_per_pixel"`
		Brightness    float64 `json:"brightness"`
		Contrast      float64 `json:"contrast"`
		Colourfulness float64 `json:"colourfulness"`
		Saturation    float64 `json:"saturation"`
		Sharpness     float64 `json:"sharpness"`
		Entropy       float64 `json:"entropy"`
		Grey          bool    `json:"grey"`
		SHA256        string  `json:"sha256"`
		Hash          string  `json:"phash"`
	}{
		s.Format, s.Bytes, s.Width, s.Height, s.Aspect(), s.BytesPerPixel(), s.Brightness, s.Contrast, s.Colourfulness, s.Saturation,
		s.Sharpness, s.Entropy, s.Grey, s.Digest(), s.Look(),
	})
}

// Look is the perceptual hash in 64 hexadecimal digits, empty for a picture without contrast.
func (s *Stats) Look() string {
	if s.Flat {
		return ""
	}
	return s.Hash.String()
}
