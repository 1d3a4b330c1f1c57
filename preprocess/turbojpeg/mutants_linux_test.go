package turbojpeg_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/preprocess/turbojpeg"
)

// envMutants makes the test binary the child: for how long it decodes mutants. Set by hand it lengthens the test, such as to 10m.
const (
	envMutants = "SCONES_MUTANTS"
	envChild   = "SCONES_MUTANTS_CHILD"
)

// TestMutants decodes damaged files in a child process, whose memory ends where each file and each picture does, and is filled with
// noise by the C library. The child must come to its end.
func TestMutants(t *testing.T) {
	lib, err := turbojpeg.Default()
	if err != nil {
		orttest.Missing(t, "turbojpeg", err.Error())
	}
	if os.Getenv(envChild) != "" {
		decodeMutants(t, lib)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMutants$", "-test.v", "-test.timeout=0")
	child.Env = append(os.Environ(), envChild+"=1", "MALLOC_PERTURB_=165", "MALLOC_CHECK_=3")
	out, err := child.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("mutants: ")) {
		t.Errorf("the child ended with %v:\n%s", err, out)
	}
	t.Logf("%s", out)
}

// decodeMutants is the child.
func decodeMutants(t *testing.T, lib *turbojpeg.Library) {
	span, err := time.ParseDuration(os.Getenv(envMutants))
	if err != nil {
		span = time.Second
	}
	var seeds [][]byte
	for _, folder := range []string{"goldens/modes/images", "broken"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "testdata", filepath.FromSlash(folder), "jpeg*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			seeds = append(seeds, data)
		}
	}
	if len(seeds) < 30 {
		t.Fatalf("%d files to damage, want at least 30", len(seeds))
	}
	random := rand.New(rand.NewPCG(uint64(span), 1))
	guard := newGuard(t, 1<<21)
	room := newGuard(t, 1<<21)
	var kinds [turbojpeg.Odd + 1]int
	whole, n, slowest := 0, 0, time.Duration(0)
	for begin := time.Now(); time.Since(begin) < span; n++ {
		data := guard.end(mutate(random, seeds[random.IntN(len(seeds))]))
		width, height := 1+random.IntN(100), 1+random.IntN(100) // another size than the file's must do no harm
		if config, err := jpeg.DecodeConfig(bytes.NewReader(data)); err == nil && random.IntN(8) > 0 {
			width, height = max(config.Width, 1), max(config.Height, 1)
		}
		colour := []turbojpeg.Colour{turbojpeg.RGB, turbojpeg.Grey, turbojpeg.CMYK}[random.IntN(3)]
		scale := turbojpeg.Eighths(1 + random.IntN(8))
		size := scale.Of(width) * scale.Of(height) * colour.Samples()
		if size > 1<<21 {
			continue
		}
		start := time.Now()
		err := lib.Decode(room.memory[len(room.memory)-size:], data, width, height, scale, colour)
		slowest = max(slowest, time.Since(start))
		if fault, ok := errors.AsType[*turbojpeg.Fault](err); ok {
			kinds[fault.Kind]++
		} else if err != nil {
			t.Fatalf("%v", err)
		} else {
			whole++
		}
	}
	fmt.Printf("mutants: %d, %d whole, by kind (refused, unsupported, short, damaged, odd) %v, slowest %v\n", n, whole, kinds, slowest)
}

// mutate damages a copy: bits, bytes, markers, moved pieces and a cut, most of them where the headers are.
func mutate(random *rand.Rand, seed []byte) []byte {
	data := bytes.Clone(seed)
	if random.IntN(4) == 0 {
		data = data[:4+random.IntN(len(data)-3)]
	}
	for range 1 + random.IntN(8) {
		at := random.IntN(len(data) - 3)
		if random.IntN(2) == 0 {
			at = random.IntN(min(len(data)-3, 700))
		}
		switch random.IntN(4) {
		case 0:
			data[at] = uint8(random.Uint32())
		case 1:
			data[at] ^= 1 << random.IntN(8)
		case 2:
			binary.BigEndian.PutUint16(data[at:], 0xffc0|uint16(random.IntN(64)))
		case 3:
			from := random.IntN(len(data))
			copy(data[at:], data[from:min(from+64, len(data))])
		}
	}
	return data
}

// A guard is memory behind which lies a page that nothing may touch.
type guard struct{ memory []byte }

func newGuard(t *testing.T, n int) *guard {
	t.Helper()
	page := syscall.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, n+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err == nil {
		err = syscall.Mprotect(memory[n:], syscall.PROT_NONE)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &guard{memory[:n:n]}
}

// end copies data to the end of the memory.
func (g *guard) end(data []byte) []byte {
	to := g.memory[len(g.memory)-len(data):]
	copy(to, data)
	return to
}
