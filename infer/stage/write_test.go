package stage_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/stage"
	"github.com/scones-unlimited/scones/infer/stage/cifar"
	"github.com/scones-unlimited/scones/infer/stage/cifar/cifartest"
	"github.com/scones-unlimited/scones/infer/stage/recordio"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

// archive is one of CIFAR-100's shape: 12 bicycles and 12 motorcycles to train on, 2 of each to test, and an apple.
func archive() *cifartest.Archive {
	a := &cifartest.Archive{Fine: []string{"apple", "bicycle", "motorcycle"}, Coarse: []string{"fruit_and_vegetables", "vehicles_1"}}
	add := func(to *[]cifartest.Picture, seed uint64, term string, fine, coarse int) {
		*to = append(*to, cifartest.Picture{File: cifartest.Row(term, int(seed)), Fine: fine, Coarse: coarse, Image: phashtest.Scene(seed, 32, 32)})
	}
	for i := range uint64(12) {
		add(&a.Train, i, "bicycle", 1, 1)
		add(&a.Train, 50+i, "minibike", 2, 1)
	}
	add(&a.Train, 99, "crab_apple", 0, 0)
	for i := range uint64(2) {
		add(&a.Test, 20+i, "velocipede", 1, 1)
		add(&a.Test, 70+i, "motorcycle", 2, 1)
	}
	return a
}

// opened reads an archive back.
func opened(t *testing.T, write func(*bytes.Buffer) error) *cifar.Archive {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "a.tar.gz")
	if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := cifar.Open(t.Context(), name, "")
	problem, ok := errors.AsType[*cifar.HashError](err)
	if !ok {
		t.Fatal(err)
	}
	a, err := cifar.Open(t.Context(), name, problem.Got)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestCIFARAsTheCourseStagesIt: lists of the archive's row, the class's number and the archive's file name.
func TestCIFARAsTheCourseStagesIt(t *testing.T) {
	a := opened(t, func(b *bytes.Buffer) error { return archive().WritePython(b) })
	src, err := stage.CIFAR(a, "CIFAR-100", []string{"bicycle", "motorcycle"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := stage.Check(t.Context(), src, stage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Findings) > 0 {
		t.Errorf("%+v", s.Findings)
	}
	got := staged(t, s, stage.WriteOptions{})
	if want := "0\t0\tvelocipede_s_000020.png\n1\t1\tmotorcycle_s_000070.png\n2\t0\tvelocipede_s_000021.png\n3\t1\tmotorcycle_s_000071.png\n"; got["test.lst"] != want {
		t.Errorf("test.lst is %q, want %q", got["test.lst"], want)
	}
	if want := "0\t0\tbicycle_s_000000.png\n1\t1\tminibike_s_000050.png\n2\t0\tbicycle_s_000001.png\n"; !strings.HasPrefix(got["train.lst"], want) {
		t.Errorf("train.lst begins %.80q, want %q", got["train.lst"], want)
	}
	if got["labels.txt"] != "bicycle\nmotorcycle\n" || len(got) != 28+4 {
		t.Errorf("%d files, labels %q", len(got), got["labels.txt"])
	}
	m, err := png.Decode(strings.NewReader(got["train/minibike_s_000050.png"]))
	if err != nil {
		t.Fatal(err)
	}
	want := phashtest.Scene(50, 32, 32)
	for i := range 32 * 32 {
		if color.NRGBAModel.Convert(m.At(i%32, i/32)) != want.At(i%32, i/32) {
			t.Fatalf("pixel %d is %v, want %v", i, m.At(i%32, i/32), want.At(i%32, i/32))
		}
	}
	if _, err := stage.CIFAR(a, "", []string{"bicycle", "car"}); err == nil {
		t.Error("a class that is not there is taken")
	}
	binary, err := stage.CIFAR(opened(t, func(b *bytes.Buffer) error { return archive().WriteBinary(b) }), "CIFAR-100", []string{"motorcycle"})
	if err != nil || len(binary.Pictures) != 14 || binary.Pictures[0].File != "motorcycle_train_00001.png" {
		t.Errorf("the binary version gives %d pictures, %v", len(binary.Pictures), err)
	}
}

// TestCIFARPlanted: a copy of a training picture in test, a label of another group, a wrong label.
func TestCIFARPlanted(t *testing.T) {
	planted := archive()
	planted.Test[0].Image = planted.Train[5].Image
	planted.Train[3].Fine = 0 // a minibike among the apples, in vehicles_1 still
	planted.Train[0].Fine = 2 // a bicycle among the motorcycles
	planted.Test[3] = planted.Train[7]
	for i := range 10 { // apples enough to know their group by
		planted.Train = append(planted.Train, cifartest.Picture{File: cifartest.Row("golden_delicious", i), Image: phashtest.Scene(uint64(300+i), 32, 32)})
	}
	src, err := stage.CIFAR(opened(t, func(b *bytes.Buffer) error { return planted.WritePython(b) }), "CIFAR-100", nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stage.Check(t.Context(), src, stage.Options{Allow: []stage.Kind{stage.MissingClass}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[stage.Kind][]string{
		stage.Leakage:       {"test/velocipede_s_000020.png = train/minibike_s_000052.png"},
		stage.TwoLabels:     {"test/velocipede_s_000020.png = train/minibike_s_000052.png"},
		stage.TrainRows:     {"test/minibike_s_000053.png = train/minibike_s_000053.png"},
		stage.LabelMismatch: {"train/bicycle_s_000000.png", "train/minibike_s_000051.png"},
		stage.MissingClass:  {"apple has no picture in test"},
	}
	if diff := cmp.Diff(want, found(&s.Report)); diff != "" {
		t.Error(diff)
	}
}

// TestWhatTrainingCannotReadIsWrittenAnew, and what it can is copied byte for byte.
func TestWhatTrainingCannotReadIsWrittenAnew(t *testing.T) {
	m := scene(500)
	palette := image.NewPaletted(m.Rect, append(color.Palette{}, color.Gray{0}, color.Gray{90}, color.Gray{200}, color.NRGBA{200, 30, 30, 255}))
	draw.Draw(palette, palette.Rect, scene(501), image.Point{}, draw.Src)
	deep := image.NewNRGBA64(m.Rect)
	draw.Draw(deep, deep.Rect, scene(502), image.Point{}, draw.Src)
	var asGIF bytes.Buffer
	if err := gif.Encode(&asGIF, palette, nil); err != nil {
		t.Fatal(err)
	}
	f := clean().with(files{
		"cats/plain.png": asPNG(m), "cats/plain.JPEG": asJPEG(scene(503), 90), "cats/a.gif": asGIF.Bytes(), "cats/palette.png": asPNG(palette),
		"cats/deep.png": asPNG(deep), "cats/really.png": asJPEG(scene(504), 90), "cats/turned.jpg": turned(asJPEG(scene(505), 90)),
		"cats/tab\tand\nline.png": asPNG(scene(506)), "dogs/a.gif.png": asPNG(scene(507)),
	})
	s := check(t, f.write(t), nil, stage.Options{Allow: []stage.Kind{stage.TwoLabels}})
	got := map[string]string{}
	for name, data := range staged(t, s, stage.WriteOptions{}) {
		if _, below, ok := strings.Cut(name, "/"); ok {
			got[below] = data
		}
	}
	for from, to := range map[string]string{"cats/plain.png": "cats/plain.png", "cats/plain.JPEG": "cats/plain.JPEG", "cats/really.png": "cats/really.png.jpg", "cats/tab\tand\nline.png": "cats/tab_and_line.png"} {
		if got[to] != string(f[from]) {
			t.Errorf("%q is not copied to %q", from, to)
		}
	}
	for _, anew := range []string{"cats/a.gif.png", "cats/palette.png.png", "cats/deep.png.png"} {
		if _, err := png.Decode(strings.NewReader(got[anew])); err != nil {
			t.Errorf("%q: %v", anew, err)
		}
	}
	if c, _, err := image.DecodeConfig(strings.NewReader(got["cats/turned.jpg.jpg"])); err != nil || c.Width != 40 || c.Height != 48 {
		t.Errorf("the turned picture is %d × %d: %v", c.Width, c.Height, err)
	}
	if s.Converted != 4 {
		t.Errorf("%d are said to be written anew, want 4", s.Converted)
	}
}

// turned puts an EXIF block into a JPEG that turns it by a quarter.
func turned(data []byte) []byte {
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	block := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(append([]byte{}, data[:2]...), block...), data[2:]...)
}

// TestWriteReplacesOnlyWhatWasStaged, whole, and again gives the same bytes.
func TestWriteReplacesOnlyWhatWasStaged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	source := clean().write(t)
	if err := check(t, source, nil, stage.Options{}).Write(t.Context(), dir, stage.WriteOptions{Records: true}); err != nil {
		t.Fatal(err)
	}
	first := contents(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "train", "old.png"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := check(t, source, nil, stage.Options{}).Write(t.Context(), dir, stage.WriteOptions{Records: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, contents(t, dir)); diff != "" {
		t.Errorf("again gives other files:\n%.2000s", diff)
	}
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v are left beside the folder: %v", entries, err)
	}
	precious := files{"precious.txt": []byte("x")}.write(t)
	if err := check(t, source, nil, stage.Options{}).Write(t.Context(), precious, stage.WriteOptions{}); !errors.Is(err, stage.ErrNotStaged) {
		t.Errorf("a folder of something else gives %v", err)
	}
	if diff := cmp.Diff(map[string]string{"precious.txt": "x"}, contents(t, precious)); diff != "" {
		t.Error(diff)
	}
}

// TestRecords: they hold the list's rows, and the index says where each begins.
func TestRecords(t *testing.T) {
	got := staged(t, check(t, clean().write(t), nil, stage.Options{}), stage.WriteOptions{Records: true})
	for _, part := range []string{"train", "test"} {
		rows := strings.Split(strings.TrimSpace(got[part+".lst"]), "\n")
		index := strings.Split(strings.TrimSpace(got[part+".idx"]), "\n")
		i := 0
		for r, err := range recordio.Read(strings.NewReader(got[part+".rec"]), 1<<20) {
			if err != nil {
				t.Fatal(err)
			}
			fields := strings.Split(rows[i], "\t")
			if want := got[part+"/"+fields[2]]; string(r.Picture) != want || string('0'+rune(r.Label)) != fields[1] || !strings.HasPrefix(index[i], fields[0]+"\t") {
				t.Errorf("%s: record %d is not row %q", part, i, rows[i])
			}
			i++
		}
		if i != len(rows) || i != len(index) {
			t.Errorf("%s: %d records, %d rows, %d in the index", part, i, len(rows), len(index))
		}
	}
}
