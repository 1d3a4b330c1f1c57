package calibrate

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"

	"github.com/scones-unlimited/scones/model/onnx"
)

// deal gives every picture its fold, 0 to folds-1. The pictures of each class are dealt out by turns, in the order of a hash of their
// logits: neither names nor the order of the folder matter, and pictures that are equal to the model come into one fold, where none can
// tell about the other.
func deal(logits [][]float64, truth []int, folds int) []int {
	hashes := make([][]byte, len(logits))
	order := make([]int, len(logits))
	for i, row := range logits {
		hash := sha256.New()
		for _, v := range row {
			var raw [8]byte
			binary.LittleEndian.PutUint64(raw[:], math.Float64bits(v))
			hash.Write(raw[:])
		}
		hashes[i], order[i] = hash.Sum(nil), i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(truth[a], truth[b]), bytes.Compare(hashes[a], hashes[b]), cmp.Compare(a, b))
	})
	fold := make([]int, len(logits))
	next := 0
	for k, i := range order {
		if k > 0 {
			if last := order[k-1]; truth[i] != truth[last] || !bytes.Equal(hashes[i], hashes[last]) {
				next++
			}
		}
		fold[i] = next % folds
	}
	return fold
}

// outOfFold gives each picture's probabilities by a scaling that was fitted on the other folds.
func outOfFold(method Method, logits [][]float64, truth, fold []int, folds int) ([][]float64, error) {
	p := make([][]float64, len(logits))
	for f := range folds {
		var s onnx.Scaling
		if method != None {
			var others [][]float64
			var theirs []int
			for i := range logits {
				if fold[i] != f {
					others, theirs = append(others, logits[i]), append(theirs, truth[i])
				}
			}
			var err error
			if s, err = fit(method, others, theirs); err != nil {
				return nil, err
			}
		}
		for i := range logits {
			if fold[i] == f {
				p[i] = scaled(logits[i], s)
			}
		}
	}
	return p, nil
}
