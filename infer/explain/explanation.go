package explain

import (
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// An Explanation is where a model looked in one picture, and whether that is so.
type Explanation struct {
	// Picture is its name.
	Picture string `json:"picture"`
	// Answer is the model's most probable class.
	Answer model.Class `json:"answer"`
	// Class that is explained; the answer unless another was asked for.
	Class model.Class `json:"class"`
	// Width and Height of the map, in pixels of the model's picture.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Sizes of the patches, in the same pixels, and what they showed.
	Sizes []int `json:"patch_sizes"`
	Fill  Fill  `json:"fill"`
	// Values are the map, row by row: above 0 where the class's evidence is, below 0 where evidence against it is; the largest absolute
	// value is 1.
	Values []float64 `json:"-"`
	// Test of the map, and of random maps of the same grain.
	Test   Test   `json:"test"`
	Random []Test `json:"random"`
	// Calls is the number of pictures that the model was asked for.
	Calls int `json:"calls"`
	// Source is the picture, upright; Seen is what the model sees of it, and Window says where in Source that lies.
	Source *preprocess.Picture `json:"-"`
	Seen   *preprocess.Picture `json:"-"`
	Window preprocess.Window   `json:"-"`
}

// RandomDeletion is the mean deletion of the random maps.
func (x *Explanation) RandomDeletion() float64 {
	return x.mean(func(t *Test) float64 { return t.Deletion })
}

// RandomInsertion is the mean insertion of the random maps.
func (x *Explanation) RandomInsertion() float64 {
	return x.mean(func(t *Test) float64 { return t.Insertion })
}

func (x *Explanation) mean(of func(*Test) float64) float64 {
	sum := 0.0
	for i := range x.Random {
		sum += of(&x.Random[i])
	}
	return sum / float64(max(len(x.Random), 1))
}

// LeastGain is how much further than chance the areas must lie apart. Where a probability stays near 1 whatever is covered they hardly
// differ, and which order is the best is settled by rounding.
const LeastGain = 0.01

// Holds tells whether the map explains more than chance: its insertion and deletion lie further apart than those of all [RandomMaps],
// and by [LeastGain] further than those of the mean of them.
func (x *Explanation) Holds() bool {
	gain := x.Test.gain()
	if gain < x.RandomInsertion()-x.RandomDeletion()+LeastGain {
		return false
	}
	for i := range x.Random {
		if gain <= x.Random[i].gain() {
			return false
		}
	}
	return true
}
