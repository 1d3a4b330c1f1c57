package picturestats_test

import (
	"bytes"
	"errors"
	"image/jpeg"
	"image/png"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/preprocess"
	"github.com/scones-unlimited/scones/preprocess/phash"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

func stats(t *testing.T, data []byte) picturestats.Stats {
	t.Helper()
	reader, err := picturestats.NewReader(preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := reader.Stats(data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKnownPictures(t *testing.T) {
	all := pictures()
	var got []picturestats.Stats
	for _, name := range []string{"white", "black"} {
		var data bytes.Buffer
		if err := png.Encode(&data, all[name]); err != nil {
			t.Fatal(err)
		}
		s := stats(t, data.Bytes())
		s.Bytes, s.SHA256, s.Hash = 0, [32]byte{}, phash.Hash{}
		got = append(got, s)
	}
	want := []picturestats.Stats{
		{Format: "PNG", Width: 9, Height: 9, Grey: true, Brightness: 1, Flat: true},
		{Format: "PNG", Width: 9, Height: 9, Grey: true, Brightness: 0, Flat: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestWhatHappensToAPictureShows makes a picture darker by JPEG's quality alone: fewer bytes, less sharp, and the same look.
func TestWhatHappensToAPictureShows(t *testing.T) {
	m := phashtest.Scene(3, 96, 72)
	var fine, coarse bytes.Buffer
	for quality, to := range map[int]*bytes.Buffer{95: &fine, 10: &coarse} {
		if err := jpeg.Encode(to, m, &jpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
	}
	one, two := stats(t, fine.Bytes()), stats(t, coarse.Bytes())
	if one.Format != "JPEG" || one.Aspect() != 96.0/72 || one.BytesPerPixel() != float64(fine.Len())/(96*72) || two.BytesPerPixel() >= one.BytesPerPixel() {
		t.Errorf("fine %+v, coarse %+v", one, two)
	}
	if one.Digest() == two.Digest() || one.Hash.Distance(two.Hash) > 60 || len(one.Look()) != 64 {
		t.Errorf("digests %s, %s; distance %d", one.Digest(), two.Digest(), one.Hash.Distance(two.Hash))
	}
	names := map[string]bool{}
	for _, metric := range picturestats.Metrics {
		if v := metric.Of(&one); v != v || names[metric.Name] {
			t.Errorf("metric %s is %v", metric.Name, v)
		}
		names[metric.Name] = true
	}
}

func TestNoPictureIsAnError(t *testing.T) {
	reader, err := picturestats.NewReader(preprocess.Limits{MaxPixels: 100})
	if err != nil {
		t.Fatal(err)
	}
	var large bytes.Buffer
	if err := png.Encode(&large, phashtest.Scene(1, 11, 10)); err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]preprocess.Code{"": preprocess.CodeEmpty, "hello": preprocess.CodeUnsupported, large.String(): preprocess.CodeTooManyPix, large.String()[:40]: preprocess.CodeTooManyPix} {
		s, err := reader.Stats([]byte(data))
		if bad, ok := errors.AsType[*preprocess.ImageError](err); !ok || bad.Code != want || s != (picturestats.Stats{}) {
			t.Errorf("%q: %+v, %v, want code %s", strings.ToValidUTF8(data[:min(8, len(data))], "?"), s, err, want)
		}
	}
}

// TestNoMemoryBesideThePicture measures a large picture again and again: what is allocated is less than its samples are.
func TestNoMemoryBesideThePicture(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it would empty the pool of pictures
	reader, err := picturestats.NewReader(preprocess.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	const side, times = 600, 5
	var data bytes.Buffer
	if err := png.Encode(&data, phashtest.Scene(1, side, side)); err != nil {
		t.Fatal(err)
	}
	measure := func() {
		if _, err := reader.Stats(data.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	measure()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		measure()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > side*side {
		t.Errorf("each of the pictures allocates %d bytes, its samples are %d", each, 3*side*side)
	}
}
