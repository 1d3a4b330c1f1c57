package serve

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestFloatText compares some numbers with what Python 3.11 prints.
func TestFloatText(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0.0", 1: "1.0", math.Copysign(0, -1): "-0.0", 0.0001: "0.0001", 0.00001: "1e-05", 123456789012345680: "1.2345678901234568e+17",
		9999999999999998: "9999999999999998.0", 1e16: "1e+16", -2.5e-7: "-2.5e-07", 1e100: "1e+100", 5e-324: "5e-324",
		float64(float32(0.9388836622238159)): "0.9388836622238159", float64(float32(4.07068437198177e-05)): "4.07068437198177e-05",
		math.Inf(1): "Infinity", math.Inf(-1): "-Infinity",
	} {
		if got := string(appendFloat(nil, value)); got != want {
			t.Errorf("%b is written %s, Python writes %s", value, got, want)
		}
	}
	if got := string(appendFloat(nil, math.NaN())); got != "NaN" {
		t.Errorf("not a number is written %s", got)
	}
}

// compareFloats is Python: each line is the hexadecimal float and our text.
const compareFloats = `
import json, sys
wrong = count = 0
for line in open(sys.argv[1]):
    exact, text = line.split()
    value = float.fromhex(exact)
    count += 1
    if json.dumps(value) != text or repr(value) != text.replace("Infinity", "inf").replace("NaN", "nan"):
        wrong += 1
        print(exact, "is", repr(value), "not", text)
        if wrong == 10: break
print(count, "compared")
sys.exit(wrong > 0)
`

// TestMillionFloats compares a million numbers with Python: probabilities, widened float32 of any bits, and float64 of any bits.
func TestMillionFloats(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		orttest.Missing(t, "python", err.Error())
	}
	path := filepath.Join(t.TempDir(), "floats")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 1_000_000 {
		var v float64
		switch i % 4 {
		case 0:
			v = float64(random.Float32())
		case 1:
			v = float64(float32(math.Exp(-40 * random.Float64())))
		case 2:
			v = float64(math.Float32frombits(random.Uint32()))
		default:
			v = math.Float64frombits(random.Uint64())
		}
		if v != v { // has no hexadecimal
			v = 0
		}
		fmt.Fprintf(w, "%s %s\n", fmt.Sprintf("%x", v), appendFloat(nil, v))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(python, "-c", compareFloats, path).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	} else if string(out) != "1000000 compared\n" {
		t.Error(string(out))
	}
}
