package explain_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/explain"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A scorer gives the logit of class "yes" for the pixels of one picture; that of "no" is 0.
type scorer func(pix []uint8) float64

func (s scorer) Scores(ctx context.Context, dst []float32, batch *preprocess.Tensor, n int) error {
	for i := range n {
		dst[2*i], dst[2*i+1] = 0, float32(s(batch.U8[i*batch.PerPicture:][:batch.PerPicture]))
	}
	return ctx.Err()
}

const side = 32

// contract of the scorers: side × side, RGB, two logits.
func contract(resize model.Resize) *model.Model {
	return &model.Model{
		Version: model.Version, Labels: []string{"no", "yes"},
		Input: model.Input{
			Name: "data", Element: model.Uint8, Layout: model.NHWC, Width: side, Height: side, Channels: 3, ChannelOrder: model.RGB, Resize: resize,
		},
		Output: model.Output{Name: "logits", Activation: model.Softmax},
	}
}

func explainer(t *testing.T, s scorer, o explain.Options) *explain.Explainer {
	t.Helper()
	c, err := infer.New(contract(model.Resize{Mode: model.Stretch, Filter: model.Bilinear}), s, preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := explain.New(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// board is a picture whose every pixel differs from its neighbours, so that a blur changes all of it.
func board(t *testing.T, width, height int) preprocess.Image {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			bright := uint8(255 * ((x + y) % 2))
			picture.SetRGBA(x, y, color.RGBA{bright, bright, bright, 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return preprocess.Image{Name: "board.png", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file.Bytes())), nil }}
}

// contrast is how far the neighbours in a window differ: what a patch takes away there.
func contrast(x0, y0, x1, y1 int) scorer {
	return func(pix []uint8) float64 {
		sum := 0.0
		for y := y0; y < y1; y++ {
			for x := x0; x < x1-1; x++ {
				sum += math.Abs(float64(pix[(y*side+x)*3]) - float64(pix[(y*side+x+1)*3]))
			}
		}
		return 8*sum/255/float64((y1-y0)*(x1-x0-1)) - 4
	}
}

// TestFindsTheWindow explains models that look at one window: the map is there and nowhere else, and it holds. Covering is done by
// either fill.
func TestFindsTheWindow(t *testing.T) {
	for _, window := range [][4]int{{4, 6, 12, 14}, {20, 18, 28, 30}, {0, 0, 8, 8}} {
		for _, fill := range explain.Fills {
			e := explainer(t, contrast(window[0], window[1], window[2], window[3]), explain.Options{Fill: fill})
			x, err := e.Explain(t.Context(), board(t, side, side))
			if err != nil {
				t.Fatal(err)
			}
			if x.Class.Label != "yes" || x.Answer != x.Class || !x.Holds() || x.Test.Deletion >= x.RandomDeletion() || x.Test.Insertion <= x.RandomInsertion() {
				t.Errorf("%v by %s: %+v for %v, random deletion %v, insertion %v: want a map that holds", window, fill, x.Test, x.Class, x.RandomDeletion(), x.RandomInsertion())
			}
			best, inside, total := 0, 0.0, 0.0
			for i, v := range x.Values {
				if v > x.Values[best] {
					best = i
				}
				total += math.Abs(v)
				if px, py := i%side, i/side; px >= window[0]-4 && px < window[2]+4 && py >= window[1]-4 && py < window[3]+4 {
					inside += math.Abs(v)
				}
			}
			if px, py := best%side, best/side; px < window[0] || px >= window[2] || py < window[1] || py >= window[3] || x.Values[best] != 1 {
				t.Errorf("%v by %s: the map's top is %v at %d, %d", window, fill, x.Values[best], px, py)
			}
			if inside < 0.5*total {
				t.Errorf("%v by %s: %.2f of the map is in the window or 4 pixels around it, want half", window, fill, inside/total)
			}
		}
	}
}

// TestBadMapsShow explains models that look nowhere: their maps are seen to be no better than chance.
func TestBadMapsShow(t *testing.T) {
	blind, err := explainer(t, func([]uint8) float64 { return 1 }, explain.Options{}).Explain(t.Context(), board(t, side, side))
	if err != nil {
		t.Fatal(err)
	}
	if blind.Holds() || cmp.Diff(blind.Values, make([]float64, side*side)) != "" {
		t.Error("a model that answers the same to everything has a map")
	}
	sure, err := explainer(t, func(pix []uint8) float64 { return 16 + contrast(4, 6, 12, 14)(pix) }, explain.Options{}).Explain(t.Context(), board(t, side, side))
	if err != nil {
		t.Fatal(err)
	}
	if sure.Holds() || sure.Test.Deletion < 0.999 {
		t.Errorf("a probability that never leaves 1 tests a map: %+v", sure.Test)
	}
	held := 0
	for seed := range byte(40) { // the answer is noise
		x, err := explainer(t, func(pix []uint8) float64 {
			hash := fnv.New32a()
			hash.Write([]byte{seed})
			hash.Write(pix)
			return float64(hash.Sum32()%1000)/250 - 2
		}, explain.Options{Sizes: []int{8, 16}}).Explain(t.Context(), board(t, side, side))
		if err != nil {
			t.Fatal(err)
		}
		if x.Holds() {
			held++
		}
	}
	if held > 6 { // of 40, each with 1 in 20: 7 or more happen once in 300
		t.Errorf("%d of 40 maps of noise hold, want about 2", held)
	}
}

// TestSameEachTime compares runs of other batches and numbers of workers, whole values.
func TestSameEachTime(t *testing.T) {
	var first []byte
	for _, o := range []explain.Options{{}, {Batch: 1, Workers: 1}, {Batch: 7, Workers: 4}} {
		calls := 0
		o.Progress = func(done, total int) { calls = done }
		e := explainer(t, contrast(4, 6, 12, 14), o)
		x, err := e.Explain(t.Context(), board(t, side, side))
		if err != nil {
			t.Fatal(err)
		}
		if calls != e.Calls() || x.Calls != calls {
			t.Errorf("progress ends at %d of %d calls", calls, e.Calls())
		}
		data, err := x.JSON(explain.About{Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if d := cmp.Diff(string(first), string(data)); d != "" {
			t.Errorf("%+v gives another answer:\n%s", o, d)
		}
	}
	var read struct {
		Version int
		Map     [][]float64
		Holds   bool
		Sizes   []int `json:"patch_sizes"`
	}
	if err := json.Unmarshal(first, &read); err != nil {
		t.Fatal(err)
	}
	if read.Version != 1 || len(read.Map) != side || len(read.Map[0]) != side || !read.Holds || cmp.Diff(read.Sizes, []int{4, 8, 16}) != "" {
		t.Errorf("the document is %.200s", first)
	}
}

// TestOtherClass explains a class that the model did not answer: the map changes its sign.
func TestOtherClass(t *testing.T) {
	yes, err := explainer(t, contrast(4, 6, 12, 14), explain.Options{}).Explain(t.Context(), board(t, side, side))
	if err != nil {
		t.Fatal(err)
	}
	no, err := explainer(t, contrast(4, 6, 12, 14), explain.Options{Class: "no"}).Explain(t.Context(), board(t, side, side))
	if err != nil {
		t.Fatal(err)
	}
	if no.Class.Label != "no" || no.Answer.Label != "yes" {
		t.Errorf("class %v, answer %v", no.Class, no.Answer)
	}
	for i := range yes.Values {
		if math.Abs(yes.Values[i]+no.Values[i]) > 1e-9 {
			t.Fatalf("pixel %d is %v for yes and %v for no", i, yes.Values[i], no.Values[i])
		}
	}
}

// TestRefusals names what cannot be explained.
func TestRefusals(t *testing.T) {
	c, err := infer.New(contract(model.Resize{Mode: model.Stretch, Filter: model.Bilinear}), contrast(0, 0, 8, 8), preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []explain.Options{{Sizes: []int{0}}, {Sizes: []int{33}}, {Class: "cat"}, {Fill: "fog"}} {
		if _, err := explain.New(c, o); !errors.Is(err, explain.ErrOptions) {
			t.Errorf("%+v: the error is %v, want %v", o, err, explain.ErrOptions)
		}
	}
	e := explainer(t, contrast(0, 0, 8, 8), explain.Options{})
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Explain(stopped, board(t, side, side)); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancelling the error is %v", err)
	}
	broken := preprocess.Image{Name: "x", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte("text"))), nil }}
	if _, err := e.Explain(t.Context(), broken); preprocess.CodeOf(err) != preprocess.CodeUnsupported {
		t.Errorf("a text has the code %q", preprocess.CodeOf(err))
	}
	failing, err := infer.New(contract(model.Resize{Mode: model.Stretch, Filter: model.Bilinear}), scorer(func([]uint8) float64 { return math.NaN() }), preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if e, err = explain.New(failing, explain.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Explain(t.Context(), board(t, side, side)); preprocess.CodeOf(err) != preprocess.CodeInference {
		t.Errorf("NaN has the code %q", preprocess.CodeOf(err))
	}
}
