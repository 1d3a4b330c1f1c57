package stage_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/draw"

	"github.com/scones-unlimited/scones/infer/stage"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

// files are a folder's, by path.
type files map[string][]byte

func asPNG(m image.Image) []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func asJPEG(m image.Image, quality int) []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// scene is a picture that no other seed's resembles.
func scene(seed uint64) *image.NRGBA { return phashtest.Scene(seed, 48, 40) }

func mirrored(m *image.NRGBA) image.Image {
	out := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			out.Set(x, y, m.At(m.Rect.Dx()-1-x, y))
		}
	}
	return out
}

func resized(m image.Image) image.Image {
	out := image.NewNRGBA(image.Rect(0, 0, 96, 80))
	draw.CatmullRom.Scale(out, out.Rect, m, m.Bounds(), draw.Src, nil)
	return out
}

// clean is a folder of 20 cats and 20 dogs without anything to find.
func clean() files {
	f := files{}
	for i := range uint64(20) {
		f[fmt.Sprintf("cats/cat_%02d.png", i)] = asPNG(scene(i))
		f[fmt.Sprintf("dogs/dog_%02d.png", i)] = asPNG(scene(100 + i))
	}
	return f
}

// parted is the same in folders train and test.
func parted() files {
	f := files{}
	for name, data := range clean() {
		part := "train/"
		if name[len(name)-5] >= '8' {
			part = "test/"
		}
		f[part+name] = data
	}
	return f
}

// listed is the same as SageMaker reads it.
func listed() files {
	f := files{}
	lists := map[string]string{}
	names := []string{}
	for name := range parted() {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		data := parted()[name]
		part, class, base := filepath.Dir(filepath.Dir(name)), filepath.Base(filepath.Dir(name)), filepath.Base(name)
		f[part+"/"+base] = data
		lists[part] += fmt.Sprintf("%d\t%d\t%s\n", i, map[string]int{"cats": 0, "dogs": 1}[class], base)
	}
	f["train.lst"], f["test.lst"] = []byte(lists["train"]), []byte(lists["test"])
	return f
}

func (f files) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range f {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// with is a copy in which some files are others.
func (f files) with(changes files) files {
	out := files{}
	for _, from := range []files{f, changes} {
		maps.Copy(out, from)
	}
	return out
}

// check stages a folder as far as the report.
func check(t *testing.T, dir string, classes []string, o stage.Options) *stage.Stage {
	t.Helper()
	src, err := stage.Folder(t.Context(), dir, classes)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stage.Check(t.Context(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// found are the cases of a report as text, by kind. Parts are left out where a new split decides them.
func found(r *stage.Report) map[stage.Kind][]string {
	all := map[stage.Kind][]string{}
	for _, f := range r.Findings {
		for _, c := range f.Cases {
			text := c.Picture
			if c.Other != "" {
				text += " = " + c.Other
			}
			if c.Picture == "" {
				text = c.Text
			}
			all[f.Kind] = append(all[f.Kind], text)
		}
		slices.Sort(all[f.Kind])
	}
	return all
}

// TestWhatIsPlantedIsFound: each fault in a set without any is found, and nothing else is.
func TestWhatIsPlantedIsFound(t *testing.T) {
	cut := asPNG(scene(3))
	long := image.NewNRGBA(image.Rect(0, 0, 400, 40))
	draw.CatmullRom.Scale(long, long.Rect, scene(900), image.Rect(0, 0, 48, 40), draw.Src, nil)
	grey := image.NewGray(image.Rect(0, 0, 48, 40))
	draw.Draw(grey, grey.Rect, scene(901), image.Point{}, draw.Src)
	flat := image.NewNRGBA(image.Rect(0, 0, 48, 40))
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	lists := listed()
	few := files{"cats/cat_00.png": asPNG(scene(0)), "cats/cat_01.png": asPNG(scene(1))}
	for i := range uint64(20) {
		few[fmt.Sprintf("dogs/dog_%02d.png", i)] = asPNG(scene(100 + i))
	}
	withoutCats := parted()
	for name := range withoutCats {
		if match, _ := filepath.Match("test/cats/*", name); match {
			delete(withoutCats, name)
		}
	}
	for name, c := range map[string]struct {
		files files
		o     stage.Options
		want  map[stage.Kind][]string
	}{
		"class folders": {files: clean()},
		"parts":         {files: parted()},
		"lists":         {files: lists},
		"a cut file":    {files: clean().with(files{"cats/cat_03.png": cut[:len(cut)/2]}), want: map[stage.Kind][]string{stage.Unreadable: {"cats/cat_03.png"}}},
		"no picture":    {files: clean().with(files{"cats/cat_03.png": []byte("hello")}), want: map[stage.Kind][]string{stage.Unreadable: {"cats/cat_03.png"}}},
		"a copy in test": {files: parted().with(files{"test/cats/cat_99.png": asPNG(scene(3))}),
			want: map[stage.Kind][]string{stage.Leakage: {"test/cats/cat_99.png = train/cats/cat_03.png"}}},
		"a re-encoded one": {files: parted().with(files{"test/cats/cat_99.jpg": asJPEG(scene(3), 70)}),
			want: map[stage.Kind][]string{stage.Leakage: {"test/cats/cat_99.jpg = train/cats/cat_03.png"}}},
		"a mirrored one": {files: parted().with(files{"test/cats/cat_99.png": asPNG(mirrored(scene(3)))}),
			want: map[stage.Kind][]string{stage.Leakage: {"test/cats/cat_99.png = train/cats/cat_03.png"}}},
		"a copy in validation and test": {files: parted().with(files{"validation/cats/cat_97.png": asPNG(scene(61)), "validation/dogs/dog_97.png": asPNG(scene(62)), "test/cats/cat_98.jpg": asJPEG(scene(61), 80)}),
			want: map[stage.Kind][]string{stage.Leakage: {"test/cats/cat_98.jpg = validation/cats/cat_97.png"}}},
		"a copy in train": {files: parted().with(files{"train/cats/cat_99.jpg": asJPEG(scene(3), 80)}),
			want: map[stage.Kind][]string{stage.Duplicates: {"train/cats/cat_99.jpg = train/cats/cat_03.png"}}},
		"a copy among class folders": {files: clean().with(files{"cats/cat_99.jpg": asJPEG(scene(3), 80)}),
			want: map[stage.Kind][]string{stage.Duplicates: {"cats/cat_99.jpg = cats/cat_03.png"}}},
		"two labels": {files: clean().with(files{"dogs/x_3.jpg": asJPEG(scene(3), 80)}),
			want: map[stage.Kind][]string{stage.TwoLabels: {"dogs/x_3.jpg = cats/cat_03.png"}}},
		"a wrong folder": {files: clean().with(files{"dogs/cat_21.png": asPNG(scene(21))}),
			want: map[stage.Kind][]string{stage.LabelMismatch: {"dogs/cat_21.png"}}},
		"a wrong kind of name": {files: clean().with(named("kitten", 0, 12)).with(files{"dogs/kitten_31.png": asPNG(scene(250))}),
			want: map[stage.Kind][]string{stage.LabelDoubt: {"dogs/kitten_31.png"}}},
		"a row of training in test": {files: lists.with(files{"test.lst": append(slices.Clone(lists["test.lst"]), "99\t0\tcat_03.png\n"...), "test/cat_03.png": asPNG(scene(3))}),
			want: map[stage.Kind][]string{stage.TrainRows: {"test/cat_03.png = train/cat_03.png"}}},
		"a row without its file": {files: lists.with(files{"test.lst": append(slices.Clone(lists["test.lst"]), "99\t0\tcat_55.png\n"...)}),
			want: map[stage.Kind][]string{stage.MissingFile: {"test/cat_55.png"}}},
		"a file without its row": {files: lists.with(files{"train/more.png": asPNG(scene(77))}),
			want: map[stage.Kind][]string{stage.Unlisted: {"train/more.png"}}},
		"a row that is none": {files: lists.with(files{"train.lst": append([]byte("cat_01.png\n"), lists["train.lst"]...)}),
			want: map[stage.Kind][]string{stage.BadRow: {"train.lst line 1: 1 fields, want index, class and path with tabs between"}}},
		"a wrong label in a list": {files: lists.with(files{"train.lst": bytes.Replace(lists["train.lst"], []byte("0\tcat_03"), []byte("1\tcat_03"), 1)}),
			want: map[stage.Kind][]string{stage.LabelMismatch: {"train/cat_03.png"}}},
		"a row under two labels": {files: lists.with(files{"train.lst": append(slices.Clone(lists["train.lst"]), "99\t1\tcat_03.png\n"...)}),
			want: map[stage.Kind][]string{stage.TwoLabels: {"cat_03.png"}}},
		"no class in test": {files: withoutCats, want: map[stage.Kind][]string{stage.MissingClass: {"cats has no picture in test"}}},
		"few of a class": {files: few, want: map[stage.Kind][]string{
			stage.Imbalance: {"cats has 1 in test, dogs has 4", "cats has 1 in train, dogs has 16"}, stage.FewOf: {"cats has 1 in train"}}},
		"too small": {files: clean(), o: stage.Options{MinWidth: 49, MinHeight: 40}, want: map[stage.Kind][]string{stage.TooSmall: sorted(clean())}},
		"flat":      {files: clean().with(files{"cats/cat_88.png": asPNG(flat)}), want: map[stage.Kind][]string{stage.Odd: {"cats/cat_88.png"}}},
		"long":      {files: clean().with(files{"cats/cat_88.png": asPNG(long)}), want: map[stage.Kind][]string{stage.Odd: {"cats/cat_88.png"}}},
		"grey":      {files: clean().with(files{"cats/cat_88.png": asPNG(grey)}), want: map[stage.Kind][]string{stage.Odd: {"cats/cat_88.png"}}},
		"another size": {files: clean().with(files{"cats/cat_88.png": asPNG(resized(scene(902)))}),
			want: map[stage.Kind][]string{stage.Odd: {"cats/cat_88.png"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var classes []string
			if c.files["train.lst"] != nil {
				classes = []string{"cats", "dogs"}
			}
			s := check(t, c.files.write(t), classes, c.o)
			if c.want == nil {
				c.want = map[stage.Kind][]string{}
			}
			if diff := cmp.Diff(c.want, found(&s.Report)); diff != "" {
				t.Error(diff)
			}
			for _, f := range s.Findings {
				if f.Error != f.Kind.IsError() || f.Error != slices.ContainsFunc(s.Stops(), func(g stage.Finding) bool { return g.Kind == f.Kind }) {
					t.Errorf("%s: error %v, stops %v", f.Kind, f.Error, s.Stops())
				}
			}
		})
	}
}

// named are so many cats under another name.
func named(term string, from, n uint64) files {
	f := files{}
	for i := from; i < from+n; i++ {
		f[fmt.Sprintf("cats/%s_%02d.png", term, i)] = asPNG(scene(200 + i))
	}
	return f
}

func sorted(f files) (names []string) {
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
