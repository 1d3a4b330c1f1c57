package preprocess

import "github.com/scones-unlimited/scones/model"

// A normaliser turns 8-bit samples into the model's numbers: value = (sample·Scale − Mean) / Std, computed in float64 and rounded
// once to float32. Each channel of the tensor has 256 answers.
type normaliser [3][256]float32

func newNormaliser(in *model.Input) *normaliser {
	n := new(normaliser)
	scale := in.Scale
	if scale == 0 {
		scale = 1
	}
	for c := range in.Channels {
		mean, std := 0.0, 1.0
		if len(in.Mean) > 0 {
			mean = in.Mean[c]
		}
		if len(in.Std) > 0 {
			std = in.Std[c]
		}
		for v := range n[c] {
			n[c][v] = float32((float64(float64(v)*scale) - mean) / std)
		}
	}
	return n
}

// samples leaves each sample what it is.
var samples = func() (table [256]uint8) {
	for v := range table {
		table[v] = uint8(v)
	}
	return table
}()

// write puts one rendered picture into picture i of the tensor. Mean and Std belong to the tensor's channels, in its order.
func (p *Pipeline) write(dst *Tensor, i int, pix []uint8) {
	n := dst.PerPicture
	if dst.U8 != nil {
		spread(p, dst.U8[i*n:][:n], pix, [3]*[256]uint8{&samples, &samples, &samples})
	} else {
		spread(p, dst.F32[i*n:][:n], pix, [3]*[256]float32{&p.table[0], &p.table[1], &p.table[2]})
	}
}

// spread writes the tensor's elements in one pass; tables belong to its channels.
func spread[T uint8 | float32](p *Pipeline, dst []T, pix []uint8, tables [3]*[256]T) {
	red, blue := 0, 2 // channels of the tensor
	if p.in.ChannelOrder == model.BGR {
		red, blue = 2, 0
	}
	switch {
	case p.in.Channels == 1:
		lookUp(dst, pix, tables[0])
	case p.in.Layout == model.NCHW:
		n := len(dst) / 3
		planes(dst[red*n:][:n], dst[n:][:n], dst[blue*n:][:n], pix, tables[red], tables[1], tables[blue])
	default:
		pixels(dst, pix, red, blue, tables[red], tables[1], tables[blue])
	}
}

func lookUp[T any](dst []T, pix []uint8, table *[256]T) {
	dst = dst[:len(pix)]
	for i, v := range pix {
		dst[i] = table[v]
	}
}

// planes writes the channels of RGB pixels apart.
func planes[T any](red, green, blue []T, pix []uint8, reds, greens, blues *[256]T) {
	green, blue = green[:len(red)], blue[:len(red)]
	for i := range red {
		if len(pix) < 3 {
			return
		}
		red[i], green[i], blue[i] = reds[pix[0]], greens[pix[1]], blues[pix[2]]
		pix = pix[3:]
	}
}

// pixels writes the channels of RGB pixels side by side.
func pixels[T any](dst []T, pix []uint8, red, blue int, reds, greens, blues *[256]T) {
	for len(pix) >= 3 && len(dst) >= 3 {
		dst[red], dst[1], dst[blue] = reds[pix[0]], greens[pix[1]], blues[pix[2]]
		pix, dst = pix[3:], dst[3:]
	}
}
