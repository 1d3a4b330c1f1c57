// Package stage prepares pictures for SageMaker's image classification: the folders train and test, and the lists train.lst and test.lst
// that name their pictures with their classes.
//
// A [Source] comes from CIFAR-100's archive ([CIFAR]), from class folders or lists ([Folder]), or from anywhere. [Check] splits it, looks at
// every picture, and says what speaks against training on them; [Stage.Write] writes what it let through. Checks come before anything is
// written, because a picture that is in both halves makes every later figure worthless, and nobody sees it in the figure.
package stage

import (
	"fmt"
	"io"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Part is one of the folders that pictures are staged into.
type Part string

// The parts. A picture of Unsplit gets its part from [Check].
const (
	Unsplit    Part = ""
	Train      Part = "train"
	Validation Part = "validation"
	Test       Part = "test"
)

// Parts are the folders in the order in which people think of them.
var Parts = []Part{Train, Validation, Test}

// A Picture is one that may be staged.
type Picture struct {
	// Name is the picture's in its source, as reports show it: a path below a folder, with slashes.
	Name string
	// File is where it goes below its part's folder, with slashes; its extension follows its format.
	File string
	// Label is its class's name; empty where the source does not say.
	Label string
	// Group is the wider class that its source gives it, as CIFAR-100 does; empty elsewhere.
	Group string
	Part  Part
	// Row is its number in its source, which lists keep; -1 where it has none.
	Row int
	// Open gives its bytes; it may be called often.
	Open func() (io.ReadCloser, error)

	print *evaluate.Print
}

// image is the picture as package preprocess wants it.
func (p *Picture) image() preprocess.Image { return preprocess.Image{Name: p.Name, Open: p.Open} }

// A Source is where pictures come from.
type Source struct {
	// Name for reports, and the SHA-256 of the file where it is one.
	Name   string `json:"name"`
	SHA256 string `json:"sha256,omitempty"`
	// Classes in the order of their numbers.
	Classes []string `json:"-"`
	// Known are the names of classes that are not staged too; a file that is named after one of them is in doubt.
	Known    []string  `json:"-"`
	Pictures []Picture `json:"-"`
	// Findings that only the source can make, such as rows without a file.
	Findings []Finding `json:"-"`
	// Split tells that the pictures come with their parts.
	Split bool `json:"split"`
}

// Options of [Check]. The zero value checks a fifth of the pictures as test, without a validation set.
type Options struct {
	// Test and Validation are shares of all pictures, 0 to less than 1; Test is [DefaultTest] when zero. A source with parts of its own keeps
	// them, unless Resplit is set; of its training pictures Validation takes its share all the same where it has no validation pictures.
	Test, Validation float64
	Resplit          bool
	Seed             uint64
	// Allow lets errors of these kinds pass, Drop leaves their pictures out.
	Allow, Drop []Kind
	// MinWidth and MinHeight are the training's image_shape: a smaller picture ends the training job. Zero means any.
	MinWidth, MinHeight int
	Limits              preprocess.Limits
	// Progress is called after each picture and may be nil.
	Progress func()
}

// DefaultTest is the share of the pictures that are for testing.
const DefaultTest = 0.2

func (o *Options) test() float64 {
	if o.Test == 0 {
		return DefaultTest
	}
	return o.Test
}

// Validate says what no split can be made of.
func (o *Options) Validate() error {
	if !(o.Test >= 0 && o.Validation >= 0 && o.test()+o.Validation < 1) {
		return fmt.Errorf("shares of %v for testing and %v for validation leave nothing to train on", o.test(), o.Validation)
	}
	return nil
}
