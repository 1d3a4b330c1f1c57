package stage

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/infer/stage/cifar"
)

// CIFAR makes a source of the classes of an archive, in that order; of all where none is named. Pictures keep the part and the row that they
// have there, and become PNG files of their names there.
func CIFAR(a *cifar.Archive, name string, classes []string) (*Source, error) {
	if len(classes) == 0 {
		classes = a.Fine
	}
	src := &Source{Name: name, SHA256: a.SHA256, Classes: slices.Clone(classes), Known: a.Fine, Split: true}
	for i, class := range classes {
		if !slices.Contains(a.Fine, class) {
			return nil, fmt.Errorf("the archive has no class %q; it has %s", class, strings.Join(a.Fine, ", "))
		}
		if slices.Index(classes, class) != i {
			return nil, fmt.Errorf("class %q is named twice", class)
		}
	}
	for _, half := range []struct {
		part Part
		set  *cifar.Set
	}{{Train, &a.Train}, {Test, &a.Test}} {
		for i, r := range half.set.Rows {
			label := a.Fine[r.Fine]
			if !slices.Contains(classes, label) {
				continue
			}
			file := r.File
			if file == "" { // the binary version
				file = fmt.Sprintf("%s_%s_%05d.png", label, half.part, i)
			}
			src.Pictures = append(src.Pictures, Picture{
				Name: string(half.part) + "/" + file, File: file, Label: label, Group: a.Coarse[r.Coarse], Part: half.part, Row: i,
				Open: func() (io.ReadCloser, error) {
					var out bytes.Buffer
					err := png.Encode(&out, half.set.Picture(i))
					return io.NopCloser(&out), err
				},
			})
		}
	}
	return src, nil
}
