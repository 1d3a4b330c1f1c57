package explain_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/explain"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// BenchmarkChoices shows how good the maps of the built-in model are for each fill and choice of sizes: the mean distance between
// insertion and deletion, of the maps and of random ones. SCONES_EXPLAIN_PICTURES names a folder other than the repository's pictures.
func BenchmarkChoices(b *testing.B) {
	library := orttest.Library(b)
	s, err := source.Open(b.Context(), source.BuiltinName, source.Options{})
	if err != nil {
		b.Fatal(err)
	}
	session, err := infer.OpenSession(b.Context(), s.Model, infer.ModelFile{Data: s.Data}, infer.SessionOptions{Library: ort.Library{Path: library}})
	if err != nil {
		b.Fatal(err)
	}
	defer session.Close()
	classifier, err := infer.New(s.Model, session, preprocess.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	folder := os.Getenv("SCONES_EXPLAIN_PICTURES")
	if folder == "" {
		folder = "../../testdata/images"
	}
	for _, sizes := range [][]int{{4, 8, 16}, {4, 8}, {8, 16}, {8}} {
		for _, fill := range explain.Fills {
			b.Run(fmt.Sprintf("%v-%s", sizes, fill), func(b *testing.B) {
				for b.Loop() {
					e, err := explain.New(classifier, explain.Options{Sizes: sizes, Fill: fill, Workers: 2})
					if err != nil {
						b.Fatal(err)
					}
					var gap, random, pictures float64
					for image, err := range preprocess.Folder(b.Context(), folder, nil) {
						if err != nil {
							b.Fatal(err)
						}
						x, err := e.Explain(b.Context(), image)
						if err != nil {
							b.Fatal(err)
						}
						gap += x.Test.Insertion - x.Test.Deletion
						random += x.RandomInsertion() - x.RandomDeletion()
						pictures++
					}
					b.ReportMetric(gap/pictures, "gap")
					b.ReportMetric(random/pictures, "random-gap")
				}
			})
		}
	}
}
