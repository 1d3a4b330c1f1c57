package stage_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/stage"
)

// staged writes a stage and gives the files with their contents.
func staged(t *testing.T, s *stage.Stage, o stage.WriteOptions) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := s.Write(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
	return contents(t, dir)
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		below, _ := filepath.Rel(dir, name)
		all[filepath.ToSlash(below)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSplit: the shares hold in every class, copies stay together whatever their names are, a seed decides, and a picture more moves few.
func TestSplit(t *testing.T) {
	f := clean()
	for i := range uint64(6) {
		f[fmt.Sprintf("cats/copy_%d.jpg", i)] = asJPEG(scene(i), 75)
	}
	dir := f.write(t)
	parts := func(dir string, o stage.Options) map[string]stage.Part {
		s := check(t, dir, nil, o)
		of := map[string]stage.Part{}
		for name := range staged(t, s, stage.WriteOptions{}) {
			if part, below, ok := strings.Cut(name, "/"); ok {
				of[below] = stage.Part(part)
			}
		}
		if n := len(s.Stops()); n > 0 {
			t.Errorf("%+v: %v", o, s.Stops())
		}
		if s.Source.Split || !s.New || s.Pictures != len(of) {
			t.Errorf("split %v, new %v, %d pictures of %d", s.Source.Split, s.New, s.Pictures, len(of))
		}
		want := []stage.Class{{Label: "cats", Train: 16, Validation: 5, Test: 5}, {Label: "dogs", Train: 12, Validation: 4, Test: 4}}
		if diff := cmp.Diff(want, s.Classes); diff != "" {
			t.Error(diff)
		}
		return of
	}
	o := stage.Options{Test: 0.2, Validation: 0.2, Seed: 7}
	first := parts(dir, o)
	for i := range 6 {
		if a, b := first[fmt.Sprintf("cats/cat_%02d.png", i)], first[fmt.Sprintf("cats/copy_%d.jpg", i)]; a != b || a == "" {
			t.Errorf("picture %d is in %q, its copy in %q", i, a, b)
		}
	}
	if diff := cmp.Diff(first, parts(f.write(t), o)); diff != "" {
		t.Errorf("the same seed splits otherwise:\n%s", diff)
	}
	if o.Seed = 8; cmp.Equal(first, parts(dir, o)) {
		t.Error("another seed splits the same")
	}
}

// TestGivenSplitStays, but for a validation set that is asked for, and unless a new one is.
func TestGivenSplitStays(t *testing.T) {
	dir := parted().write(t)
	for _, c := range []struct {
		o    stage.Options
		want stage.Class
		new  bool
	}{
		{stage.Options{}, stage.Class{Label: "cats", Train: 16, Test: 4}, false},
		{stage.Options{Test: 0.5, Validation: 0.25}, stage.Class{Label: "cats", Train: 11, Validation: 5, Test: 4}, false},
		{stage.Options{Test: 0.5, Resplit: true}, stage.Class{Label: "cats", Train: 10, Test: 10}, true},
	} {
		s := check(t, dir, nil, c.o)
		if s.Classes[0] != c.want || s.New != c.new {
			t.Errorf("%+v: %+v, new %v", c.o, s.Classes[0], s.New)
		}
	}
}

// TestDropAndAllow: what is dropped is gone, what was part of it is well; what is allowed stays and stops nothing.
func TestDropAndAllow(t *testing.T) {
	f := parted().with(files{
		"test/cats/cat_98.png": asPNG(scene(3)), "test/cats/cat_99.jpg": asJPEG(scene(3), 80), // leaked, and copies of each other
		"train/dogs/x_1.png": asPNG(scene(4)), "train/dogs/cut.png": []byte("x"),
	})
	dir := f.write(t)
	s := check(t, dir, nil, stage.Options{Drop: []stage.Kind{stage.Leakage, stage.TwoLabels}, Allow: []stage.Kind{stage.Unreadable}})
	if len(s.Stops()) > 0 || s.Dropped != 3 {
		t.Errorf("%d dropped, %v", s.Dropped, s.Stops())
	}
	want := map[stage.Kind][]string{
		stage.Leakage:    {"test/cats/cat_98.png = train/cats/cat_03.png", "test/cats/cat_99.jpg = train/cats/cat_03.png"},
		stage.TwoLabels:  {"train/dogs/x_1.png = train/cats/cat_04.png"},
		stage.Unreadable: {"train/dogs/cut.png"},
		stage.Duplicates: {"test/cats/cat_99.jpg = test/cats/cat_98.png"},
	}
	got := found(&s.Report)
	delete(want, stage.Duplicates) // they went with the leak
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	all := staged(t, s, stage.WriteOptions{})
	for _, gone := range []string{"test/cats/cat_98.png", "test/cats/cat_99.jpg", "train/dogs/x_1.png", "train/dogs/cut.png"} {
		if _, there := all[gone]; there {
			t.Errorf("%s is staged", gone)
		}
	}
	s = check(t, dir, nil, stage.Options{Allow: []stage.Kind{stage.Leakage, stage.TwoLabels, stage.Unreadable}})
	if len(s.Stops()) > 0 || s.Dropped != 0 {
		t.Errorf("%d dropped, %v", s.Dropped, s.Stops())
	}
	if _, there := staged(t, s, stage.WriteOptions{})["test/cats/cat_98.png"]; !there {
		t.Error("what is allowed is not staged")
	}
}

func TestSharesThatLeaveNothing(t *testing.T) {
	src, err := stage.Folder(t.Context(), clean().write(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []stage.Options{{Test: 1}, {Test: 0.5, Validation: 0.5}, {Test: -0.1}, {Validation: 0.9}} {
		if _, err := stage.Check(t.Context(), src, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
