package mxnet

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const testdata = "../../testdata/mxnet"

// TestReadParamsFormats reads every layout version and element type that MXNet wrote and compares all values with MXNet's own.
func TestReadParamsFormats(t *testing.T) {
	folder := filepath.Join(testdata, "params-format")
	text, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]json.RawMessage
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) < 8 {
		t.Fatalf("%d cases, want 8 or more", len(expected))
	}
	for name, want := range expected {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			arrays, err := ReadParams(bytes.NewReader(data), int64(len(data)))
			if strings.HasPrefix(string(want), `"ERROR`) {
				if !errors.Is(err, ErrArtifact) {
					t.Errorf("ReadParams gives error %v, want ErrArtifact for %s", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			compareArrays(t, arrays, want)
		})
	}
}

func compareArrays(t *testing.T, arrays []Array, text []byte) {
	type entry struct {
		Name    string    `json:"name"`
		Version int       `json:"version"`
		DType   string    `json:"dtype"`
		Shape   []int64   `json:"shape"`
		Values  []float32 `json:"values"`
	}
	var want, got []entry
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for i := range arrays {
		a := &arrays[i]
		values, err := a.All()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, entry{a.Name, a.Version, a.Type.String(), a.Dims, values})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("arrays differ (-want +got):\n%s", diff)
	}
}

// TestFloat16 checks every binary16 against its definition, fraction times a power of two.
func TestFloat16(t *testing.T) {
	for h := range 1 << 16 {
		got := float64(fromFloat16(uint16(h)))
		sign, exponent, fraction := 1.0, h>>10&31, float64(h&1023)/1024
		if h>>15 == 1 {
			sign = -1
		}
		want := 0.0
		switch exponent {
		case 0:
			want = sign * fraction * math.Pow(2, -14)
		case 31:
			want = math.Inf(int(sign))
			if fraction != 0 {
				want = math.NaN()
			}
		default:
			want = sign * (1 + fraction) * math.Pow(2, float64(exponent-15))
		}
		if got != want && !(got != got && want != want) || math.Signbit(got) != math.Signbit(want) && want == want {
			t.Fatalf("fromFloat16(%#04x) = %v, want %v", h, got, want)
		}
	}
}

func TestBfloat16(t *testing.T) {
	var got [2]float32
	Bfloat16.floats(got[:], []byte{0xc0, 0x3f, 0x80, 0xc0})
	if want := [2]float32{1.5, -4}; got != want {
		t.Errorf("bfloat16 gives %v, want %v", got, want)
	}
}

// TestArrayFloatsInParts reads across the borders of the conversion's chunks.
func TestArrayFloatsInParts(t *testing.T) {
	const n = 3*chunkElements + 7
	data := listHead(1)
	data = append(data, arrayHead(n)...)
	for i := range n {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(i)))
	}
	data = append(data, u64(0)...)
	arrays, err := ReadParams(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, 2*chunkElements+1)
	if err := arrays[0].Floats(got, 5); err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if v != float32(i+5) {
			t.Fatalf("value %d is %v, want %v", i, v, i+5)
		}
	}
	if err := arrays[0].Floats(got, n-3); err == nil {
		t.Error("Floats reads behind the end without an error")
	}
}

func u64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }
func u32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

func listHead(arrays uint64) []byte {
	return append(append(u64(listMagic), u64(0)...), u64(arrays)...)
}

// arrayHead is a dense float32 array of version 2 up to its values.
func arrayHead(dims ...uint64) []byte {
	data := append(append(u32(magicV2), u32(0)...), u32(uint32(len(dims)))...)
	for _, d := range dims {
		data = append(data, u64(d)...)
	}
	return append(append(data, u64(1)...), u32(uint32(Float32))...)
}

// TestReadParamsHostile gives counts and shapes that lie; each must be an error before anything is allocated for it.
func TestReadParamsHostile(t *testing.T) {
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"empty":                   {nil, "ends early"},
		"no mark":                 {u64(7), "mark"},
		"cut in the head":         {u64(listMagic)[:5], "ends early"},
		"2^63 arrays":             {listHead(1 << 63), "claims"},
		"a million arrays":        {join(listHead(1_000_000), make([]byte, 2_000_000)), "claims"},
		"a shape of 2^60":         {join(listHead(1), arrayHead(1<<60)), "dimension"},
		"a negative size":         {join(listHead(1), arrayHead(1<<63+5)), "dimension"},
		"a product of 2^66":       {join(listHead(1), arrayHead(1<<33, 1<<33)), "shape"},
		"a product that wraps":    {join(listHead(1), arrayHead(1<<32, 1<<32, 4)), "shape"},
		"zero hides a large size": {join(listHead(1), arrayHead(0, 1<<39), u64(0), u64(0)), "left over"},
		"more values than bytes":  {join(listHead(1), arrayHead(100), make([]byte, 399)), "bytes, 399 are left"},
		"33 dimensions":           {join(listHead(1), u32(magicV2), u32(0), u32(33), make([]byte, 999)), "33 dimensions"},
		"-1 dimensions":           {join(listHead(1), u32(magicV3), u32(0), u32(1<<32-1)), "-1 dimensions"},
		"version 0 with 77":       {join(listHead(1), u32(77), make([]byte, 999)), "77 dimensions"},
		"an unknown type":         {join(listHead(1), u32(magicV1), u32(1), u64(1), u64(0), u32(99), u64(0)), "type 99"},
		"a name of 2^62":          {join(listHead(1), arrayHead(1), u32(0), u64(1), u64(1<<62)), "name of array 0"},
		"6 MiB of names":          {join(listHead(2), arrayHead(1), u32(0), arrayHead(1), u32(0), u64(2), u64(3<<20), make([]byte, 3<<20), u64(3<<20), make([]byte, 3<<20), u64(0)), "name of array 1"},
		"more names than arrays":  {join(listHead(1), arrayHead(1), u32(0), u64(2), u64(0), u64(0)), "2 names for 1"},
		"bytes left over":         {join(listHead(1), arrayHead(1), u32(0), u64(0), []byte{1}), "left over"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadParams(bytes.NewReader(c.data), int64(len(c.data)))
			if !errors.Is(err, ErrArtifact) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("ReadParams gives error %v, want ErrArtifact that says %q", err, c.says)
			}
		})
	}
}
