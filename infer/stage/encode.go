package stage

import (
	"bytes"
	"fmt"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// An encoder gives each picture the bytes that it is staged with: its own where SageMaker's training reads them as the checks did, which
// are upright JPEG and PNG of 8 bits a sample. It takes nothing else than those two formats, and what it makes of an orientation, a palette,
// 16 bits or CMYK depends on its version of OpenCV.
type encoder struct {
	pipeline *preprocess.Pipeline
	most     int64
}

func newEncoder(limits preprocess.Limits) (*encoder, error) {
	pipeline, err := preprocess.New(&model.Input{
		Name: "picture", Element: model.Uint8, Layout: model.NHWC, Width: 1, Height: 1, Channels: 3, ChannelOrder: model.RGB,
		Resize: model.Resize{Mode: model.Stretch, Filter: model.Bilinear}, ApplyEXIF: true,
	}, limits)
	most := limits.MaxBytes
	if most == 0 {
		most = preprocess.DefaultMaxBytes
	}
	return &encoder{pipeline, most}, err
}

// turnedQuality is that of a JPEG which had to be turned; im2rec's own is the same.
const turnedQuality = 95

// encode returns a picture's bytes, their extension, and whether they are not the source's.
func (e *encoder) encode(p *Picture) (data []byte, ext string, converted bool, err error) {
	from, err := p.Open()
	if err != nil {
		return nil, "", false, err
	}
	data, err = io.ReadAll(io.LimitReader(from, e.most+1))
	if closeErr := from.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, "", false, err
	}
	if int64(len(data)) > e.most {
		return nil, "", false, fmt.Errorf("has more than %d bytes", e.most)
	}
	stored, err := e.pipeline.DecodeStored(data)
	if err != nil {
		return nil, "", false, err
	}
	upright := stored.IsUpright()
	e.pipeline.Release(stored)
	ext, plain := plainFormat(data)
	if upright && plain {
		return data, ext, false, nil
	}
	picture, err := e.pipeline.Decode(data)
	if err != nil {
		return nil, "", false, err
	}
	defer e.pipeline.Release(picture)
	var out bytes.Buffer
	if ext == ".jpg" {
		err = jpeg.Encode(&out, picture.Image(), &jpeg.Options{Quality: turnedQuality})
	} else {
		ext = ".png"
		err = png.Encode(&out, picture.Image())
	}
	return out.Bytes(), ext, true, err
}

// plainFormat gives the extension of JPEG and PNG, and whether every decoder reads such a one alike.
func plainFormat(data []byte) (ext string, plain bool) {
	if c, err := jpeg.DecodeConfig(bytes.NewReader(data)); err == nil {
		return ".jpg", c.ColorModel == color.YCbCrModel || c.ColorModel == color.GrayModel
	}
	if c, err := png.DecodeConfig(bytes.NewReader(data)); err == nil {
		switch c.ColorModel {
		case color.RGBAModel, color.NRGBAModel, color.GrayModel:
			return ".png", true
		}
	}
	return "", false
}
