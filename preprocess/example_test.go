package preprocess_test

import (
	"fmt"
	"log"
	"path/filepath"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

func ExamplePipeline() {
	in := &model.Input{
		Name: "data", Element: model.Float32, Layout: model.NCHW, Width: 224, Height: 224, Channels: 3, ChannelOrder: model.RGB,
		Resize: model.Resize{Mode: model.ShortSide, ShortSide: 256, Filter: model.Bilinear},
		Scale:  1.0 / 255, Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225},
	}
	pipeline, err := preprocess.New(in, preprocess.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	picture, err := pipeline.Load(preprocess.File(filepath.Join("..", "testdata", "goldens", "pillow", "images", "png-rgb.png")))
	if err != nil {
		log.Fatal(err)
	}
	batch := preprocess.NewTensor(in, 8)
	if err := pipeline.Fill(batch, 0, picture); err != nil {
		log.Fatal(err)
	}
	pipeline.Release(picture)
	fmt.Println(batch.Shape, len(batch.F32))
	// Output: [8 3 224 224] 1204224
}
