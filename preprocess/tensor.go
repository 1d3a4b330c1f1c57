package preprocess

import "github.com/scones-unlimited/scones/model"

// A Tensor is a batch of model inputs with room for N pictures. Exactly one of U8 and F32 is used.
type Tensor struct {
	// N is the number of pictures that fit.
	N int
	// PerPicture is the number of elements of one picture: Channels × Height × Width.
	PerPicture int
	// U8 holds N × PerPicture elements when the input is uint8.
	U8 []uint8
	// F32 holds N × PerPicture elements when the input is float32, and also when it is float16: the runtime's side narrows.
	F32 []float32
	// Shape of the whole batch in the input's layout, N first.
	Shape []int64
}

// NewTensor makes room for n pictures of the input.
func NewTensor(in *model.Input, n int) *Tensor {
	t := &Tensor{N: n, PerPicture: in.Channels * in.Height * in.Width}
	if in.Layout == model.NHWC {
		t.Shape = []int64{int64(n), int64(in.Height), int64(in.Width), int64(in.Channels)}
	} else {
		t.Shape = []int64{int64(n), int64(in.Channels), int64(in.Height), int64(in.Width)}
	}
	if in.Element == model.Uint8 {
		t.U8 = make([]uint8, n*t.PerPicture)
	} else {
		t.F32 = make([]float32, n*t.PerPicture)
	}
	return t
}
