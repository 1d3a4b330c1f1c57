package graphcache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"

	"golang.org/x/sys/cpu"
)

// version of the entries and of how they are made. It changes with whatever the optimised graph depends on that the key does not say:
// the session's options, the layout of an entry.
const version = 1

// A Key says what a graph was made from and for. Only the same key finds it.
type Key struct {
	// Model is the SHA-256 of the model's file.
	Model string `json:"model_sha256"`
	// Runtime is the version of ONNX Runtime and the SHA-256 of its library.
	Runtime string `json:"runtime"`
	// Processor is [Processor]'s, but in tests.
	Processor string `json:"processor"`
}

// hash identifies the key.
func (k Key) hash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%q\n%q\n%q\n", version, k.Model, k.Runtime, k.Processor))
	return hex.EncodeToString(sum[:])
}

// name of the key's entry: the begin of the model's hash, for people, then that of the key's.
func (k Key) name() string {
	return fmt.Sprintf("%.12s-%.32s", k.Model, k.hash())
}

// Processor names this processor by the instructions that it has.
func Processor() string {
	return fmt.Sprintf("%s/%s %s", runtime.GOOS, runtime.GOARCH, features())
}

// features is a hash of every instruction set that the processor tells of.
func features() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v %+v %+v", cpu.X86, cpu.ARM64, cpu.ARM))
	return hex.EncodeToString(sum[:8])
}
