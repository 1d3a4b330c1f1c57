package onnx_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/mxnet/mxnettest"
	"github.com/scones-unlimited/scones/model/onnx"
)

// exportEnv tells the test binary to export instead of testing: the artifact's path, a space, the output's.
const exportEnv = "SCONES_TEST_EXPORT"

// TestMain lets the test binary be the process whose memory TestExportMemory measures.
func TestMain(m *testing.M) {
	if path := os.Getenv(exportEnv); path != "" {
		if err := exportFile(path, path+".onnx"); err != nil {
			println(err.Error())
			os.Exit(1)
		}
		status, _ := os.ReadFile("/proc/self/status") // checked by who reads the output
		os.Stdout.Write(status)
		return
	}
	os.Exit(m.Run())
}

// peakOf reads VmHWM from /proc/self/status, in bytes. The rusage of a child will not do: it counts the memory that the child shared with
// its parent before exec.
func peakOf(t *testing.T, status []byte) int64 {
	t.Helper()
	for line := range strings.Lines(string(status)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	t.Fatalf("no VmHWM in %q", status)
	return 0
}

func exportFile(from, to string) error {
	a, err := mxnet.Open(from, mxnet.Options{TempDir: filepath.Dir(to)})
	if err != nil {
		return err
	}
	defer a.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = onnx.Export(out, a, onnx.ExportOptions{})
	return err
}

// TestExportMemory exports a ResNet-152 of 233 MB. Its peak must stay far below the weights: they are streamed.
func TestExportMemory(t *testing.T) {
	net := mxnettest.ResNet{Layers: 152, Size: 32, Classes: 2}
	path := filepath.Join(t.TempDir(), "resnet152.tar")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := net.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if got := net.WeightBytes(); got < 233_000_000 || got > 234_000_000 {
		t.Fatalf("the weights take %d bytes, want 233 MB", got)
	}
	export := exec.CommandContext(t.Context(), os.Args[0])
	export.Env = append(os.Environ(), exportEnv+"="+path)
	status, err := export.Output()
	if err != nil {
		t.Fatalf("exporting: %v\n%s", err, status)
	}
	peak := peakOf(t, status)
	t.Logf("peak %d MB for %d MB of weights", peak/1_000_000, net.WeightBytes()/1_000_000)
	if peak > 64<<20 {
		t.Errorf("exporting takes %d bytes of memory, want at most 64 MiB", peak)
	}
	f, err := onnx.Open(path + ".onnx")
	if err != nil {
		t.Fatal(err)
	}
	// SageMaker's own ResNet-152 has 58.1 M parameters and 3.72 G multiply-adds at 32 × 32.
	if n := f.Parameters(); n < 58_000_000 || n > 58_300_000 {
		t.Errorf("%d parameters, want 58.1 million", n)
	}
	if n, err := f.MultiplyAdds(nil); err != nil || n/10_000_000 != 372 {
		t.Errorf("%d multiply-adds and error %v, want 3.72 billion", n, err)
	}
	if n := f.Operators()["Conv"]; n != 155 {
		t.Errorf("%d convolutions, want 155", n)
	}
	m, err := f.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the runtime loads it", func(t *testing.T) {
		got := scores(t, m, openSession(t, m, infer.ModelFile{Path: path + ".onnx"}), zeros(1, 3, 32, 32))
		if sum := got.v[0] + got.v[1]; !(math.Abs(sum-1) < 1e-6) {
			t.Errorf("the scores %v add up to %v, want 1", got.v, sum)
		}
	})
}
