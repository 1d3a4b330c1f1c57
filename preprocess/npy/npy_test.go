package npy

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoundTrip(t *testing.T) {
	big := make([]float32, 3*chunk+1)
	for i := range big {
		big[i] = float32(i) * 0.37
	}
	for name, a := range map[string]*Array{
		"float32":      {Shape: []int64{2, 3}, F32: []float32{0, -1, 2.5, 3e-38, 1e38, -0.1}},
		"uint8":        {Shape: []int64{2, 1, 2}, U8: []uint8{0, 1, 128, 255}},
		"one axis":     {Shape: []int64{3}, U8: []uint8{1, 2, 3}},
		"one number":   {F32: []float32{7}},
		"empty":        {Shape: []int64{0, 5}, U8: []uint8{}},
		"three pieces": {Shape: []int64{int64(len(big))}, F32: big},
	} {
		t.Run(name, func(t *testing.T) {
			var buf bytes.Buffer
			if err := Write(&buf, a); err != nil {
				t.Fatal(err)
			}
			got, err := Read(&buf, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(a, got); diff != "" {
				t.Errorf("Read(Write(a)) differs (-want +got):\n%s", diff)
			}
		})
	}
}

// The bytes are those of numpy.save in NumPy 2 for numpy.arange(6, dtype="u1").reshape(2, 3).
func TestWriteAsNumPyDoes(t *testing.T) {
	want := "\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }" +
		strings.Repeat(" ", 58) + "\n\x00\x01\x02\x03\x04\x05"
	var buf bytes.Buffer
	if err := Write(&buf, &Array{Shape: []int64{2, 3}, U8: []uint8{0, 1, 2, 3, 4, 5}}); err != nil {
		t.Fatal(err)
	}
	if got := buf.String(); got != want {
		t.Errorf("Write gave\n%q, want\n%q", got, want)
	}
}

func TestReadRefuses(t *testing.T) {
	var good bytes.Buffer
	if err := Write(&good, &Array{Shape: []int64{2, 3}, F32: make([]float32, 6)}); err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) string { return string(bytes.Replace(good.Bytes(), []byte(old), []byte(new), 1)) }
	for name, data := range map[string]string{
		"empty":          "",
		"another magic":  replace("NUMPY", "NUMPI"),
		"version 9":      replace("NUMPY\x01", "NUMPY\x09"),
		"no elements":    good.String()[:128],
		"cut elements":   good.String()[:good.Len()-1],
		"cut header":     good.String()[:60],
		"big-endian":     replace("<f4", ">f4"),
		"float64":        replace("<f4", "<f8"),
		"Fortran order":  replace("False", "True "),
		"no shape":       replace("'shape'", "'shale'"),
		"huge shape":     replace("(2, 3), }         ", "(99999999999, 3), }"),
		"overflow":       replace("(2, 3), }                                          ", "(9223372036854775807, 9223372036854775807, 9), }    "),
		"negative shape": replace("(2, 3)", "(-2,3)"),
		"huge header":    "\x93NUMPY\x02\x00\xff\xff\xff\x7f{",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(bytes.NewReader([]byte(data)), 1<<20); !errors.Is(err, ErrFormat) {
				t.Errorf("Read gave %v, want ErrFormat", err)
			}
		})
	}
	_, err := Read(bytes.NewReader(good.Bytes()[:good.Len()-1]), 1<<20)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Read of a cut file gave %v, want ErrUnexpectedEOF", err)
	}
	if _, err := Read(bytes.NewReader(good.Bytes()), 23); !errors.Is(err, ErrFormat) {
		t.Errorf("Read of 24 bytes with 23 allowed gave %v, want ErrFormat", err)
	}
}

func TestWriteRefusesWrongShape(t *testing.T) {
	if err := Write(io.Discard, &Array{Shape: []int64{2, 3}, U8: make([]uint8, 5)}); !errors.Is(err, ErrFormat) {
		t.Errorf("Write gave %v, want ErrFormat", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, a := range []*Array{{Shape: []int64{2, 3}, F32: make([]float32, 6)}, {Shape: []int64{4}, U8: make([]uint8, 4)}} {
		var buf bytes.Buffer
		if err := Write(&buf, a); err != nil {
			f.Fatal(err)
		}
		f.Add(buf.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Read(bytes.NewReader(data), 1<<16)
		if err != nil {
			return
		}
		if int64(len(a.U8)+len(a.F32)) != a.Len() {
			t.Errorf("%d elements for shape %v", len(a.U8)+len(a.F32), a.Shape)
		}
	})
}
