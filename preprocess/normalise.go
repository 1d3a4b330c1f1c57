package preprocess

import "github.com/scones-unlimited/scones/model"

// normaliser turns 8-bit samples into the model's numbers: value = (sample·Scale − Mean) / Std, computed in float64 and rounded
// once to float32. Each channel has 256 answers.
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

// place is where sample 0 of a channel lies in a picture's tensor, and the distance to the next pixel's.
type place struct{ channel, at, step int }

// places lists the tensor's channels; channel is the one of an RGB picture.
func places(in *model.Input) []place {
	out := make([]place, in.Channels)
	for c := range out {
		out[c] = place{channel: c, at: c, step: in.Channels}
		if in.Layout == model.NCHW {
			out[c].at, out[c].step = c*in.Width*in.Height, 1
		}
		if in.ChannelOrder == model.BGR {
			out[c].channel = 2 - c
		}
	}
	return out
}

// write puts one rendered picture into picture i of the tensor. Mean and Std belong to the tensor's channels, in its order.
func (p *Pipeline) write(dst *Tensor, i int, pix []uint8) {
	channels, n := p.in.Channels, dst.PerPicture
	for c, to := range p.places {
		from := pix[to.channel:]
		if dst.U8 != nil {
			out := dst.U8[i*n:][:n][to.at:]
			for k := range p.in.Width * p.in.Height {
				out[k*to.step] = from[k*channels]
			}
			continue
		}
		table := &p.table[c]
		out := dst.F32[i*n:][:n][to.at:]
		for k := range p.in.Width * p.in.Height {
			out[k*to.step] = table[from[k*channels]]
		}
	}
}
