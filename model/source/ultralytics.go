package source

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

// fromUltralytics reads the metadata that Ultralytics' exporter writes into the ONNX file (engine/exporter.py), checked with version
// 8.4.190: names, imgsz, task, channels and version, each as Python prints it.
//
// Pictures are read by OpenCV, which turns them upright by EXIF (utils/patches.py, imread), and go through classify_transforms
// (data/augment.py): the shorter side to imgsz with Pillow's bilinear filter, the centre cut as torchvision cuts it, 0 to 1 without
// mean and deviation; an imgsz that is no square is stretched to. The exported head ends in a softmax (nn/modules/head.py, Classify).
func fromUltralytics(f *onnx.File) (*model.Model, bool, error) {
	if f.Metadata["author"] != "Ultralytics" {
		return nil, false, nil
	}
	m, err := fromEnds(f, "images", "output0")
	if err != nil {
		return nil, true, err
	}
	u := &ultralytics{metadata: f.Metadata}
	m.Name = f.Metadata["description"]
	u.check()
	m.Labels = u.names()
	height, width := u.imgsz()
	if u.err != nil {
		return nil, true, u.err
	}
	m.Input.Height, m.Input.Width, m.Input.Scale, m.Input.ApplyEXIF = height, width, 1/255.0, true
	m.Input.Resize = model.Resize{Mode: model.Stretch, Filter: model.Bilinear}
	if height == width {
		m.Input.Resize.Mode, m.Input.Resize.ShortSide = model.ShortSide, height
	}
	m.Output.Activation = model.NoActivation
	if activationOf(f, m.Output.Name) == model.Softmax {
		m.Output.Activation = model.Softmax
	}
	return m, true, nil
}

// ultralytics reads metadata and keeps the first error.
type ultralytics struct {
	metadata map[string]string
	err      error
}

func (u *ultralytics) fail(key, format string, values ...any) {
	if u.err == nil {
		u.err = &ConfigError{"metadata", key, fmt.Sprintf(format, values...)}
	}
}

// value reads a key that must be there.
func (u *ultralytics) value(key string) string {
	value, ok := u.metadata[key]
	if !ok {
		u.fail(key, "is missing")
	}
	return value
}

// check refuses what is no classifier of colour pictures, and versions before 8.1: those cut a square out of the picture first and
// resized it with OpenCV.
func (u *ultralytics) check() {
	if task := u.value("task"); task != "classify" {
		u.fail("task", "is %.40q, must be classify", task)
	}
	if channels, ok := u.metadata["channels"]; ok && channels != "3" {
		u.fail("channels", "is %.40q, must be 3", channels)
	}
	version := u.value("version")
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	first, err1 := strconv.Atoi(major)
	second, err2 := strconv.Atoi(minor)
	if err1 != nil || err2 != nil {
		u.fail("version", "is %.40q, which is no version number", version)
	} else if first < 8 || first == 8 && second < 1 {
		u.fail("version", "is %.40q; before 8.1 pictures were cut and resized in another way: export the model again", version)
	}
}

// names reads the labels, {0: 'cat', 1: 'dog'} or ['cat', 'dog'].
func (u *ultralytics) names() []string {
	text := u.value("names")
	if u.err != nil {
		return nil
	}
	labels, err := parseNames(text)
	if err != nil {
		u.fail("names", "cannot be read: %v", err)
	}
	return labels
}

// imgsz reads [height, width], or one number for both.
func (u *ultralytics) imgsz() (height, width int) {
	text := u.value("imgsz")
	if u.err != nil {
		return 0, 0
	}
	inner := strings.TrimSpace(text)
	if strings.HasPrefix(inner, "[") && strings.HasSuffix(inner, "]") {
		inner = inner[1 : len(inner)-1]
	}
	var sides []int
	for part := range strings.SplitSeq(inner, ",") {
		side, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || side < 1 || side > model.MaxSide || len(sides) == 2 {
			u.fail("imgsz", "is %.40q, must be one or two whole numbers up to %d", text, model.MaxSide)
			return 0, 0
		}
		sides = append(sides, side)
	}
	return sides[0], sides[len(sides)-1]
}
