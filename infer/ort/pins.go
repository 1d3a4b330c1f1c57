package ort

import (
	"runtime"
	"slices"
	"strings"
)

// A pin names one published file by its SHA-256.
type pin struct {
	platform string // GOOS/GOARCH
	gpu      bool   // of the GPU build
	origin   origin
	file     string // base name, as published and as installed
	sha256   string // lower-case hexadecimal
	bytes    int64  // size, zero where it was not measured
}

// An origin is one of the two ways in which the library is published; their files are built apart and differ.
type origin string

const (
	release origin = "release archive"
	wheel   origin = "Python package"
)

// pins of ONNX Runtime 1.24.4. Those of the Python package were measured from its wheels: the library is the same file in the wheels
// of every Python version. Those of the release archive are published by others who pin it.
var pins = []pin{
	{"linux/amd64", false, wheel, "libonnxruntime.so.1.24.4", "2d518e11c7767f9fdc4413bdbeb45acf30db504ff76a82fc19d9238a3f9f6c24", 22159232},
	{"linux/amd64", false, release, "libonnxruntime.so.1.24.4", "d132535d051344ff5c64c9c200004150559049a81ed330eb4422c1962fb6b7e4", 0},
	{"linux/arm64", false, wheel, "libonnxruntime.so.1.24.4", "f373ae5fd4d878ed17ebea26e5480bd3d0a15e3bd6bc94b878e6c1b73998d22a", 0},
	{"linux/arm64", false, release, "libonnxruntime.so.1.24.4", "52b2a0e75e79468404284fec38ad5ee1a7a996232274f5e1b84f3e793fb07554", 0},
	{"darwin/arm64", false, wheel, "libonnxruntime.1.24.4.dylib", "f7a4418c1fbbb12705f26991c52cd9e4a90c54d4802c487d0facb20897790fe9", 0},
	{"darwin/arm64", false, release, "libonnxruntime.1.24.4.dylib", "872533f130f1839a5bc01788ddb4f75c83a189763441ba1178788ed965449289", 0},
	{"windows/amd64", false, wheel, "onnxruntime.dll", "ef720fc44a4ea48626bfe1ebd29642de20222d7f104a509ea305d9f3cb3b7850", 0},
	{"windows/amd64", false, release, "onnxruntime.dll", "b95efb2113b603bbbf3f191061c5516a871ed546893c820e4f3b7b6c358dbf2a", 0},
	{"windows/arm64", false, wheel, "onnxruntime.dll", "a5842307bc58e562997053a59a8764ff0936b6738b5502a6103d084b1ee834fa", 0},

	// The library itself stands last in a build, so that it is there only when its providers are.
	{"linux/amd64", true, wheel, "libonnxruntime_providers_shared.so", "086ec1d5388f64153d9c63470d126693db9a182c8ce236d3a1119068471b8a0d", 14632},
	{"linux/amd64", true, wheel, "libonnxruntime_providers_cuda.so", "3c4645a1f7c9b687b5480b8bd6235311b139b657a7ebee19f95c7340efac1c76", 367047432},
	{"linux/amd64", true, wheel, "libonnxruntime_providers_tensorrt.so", "e735b9fdc61a3953940d1be32cada651738ccb1f570cde8a3a3d1b0cf98290e2", 772776},
	{"linux/amd64", true, wheel, "libonnxruntime.so.1.24.4", "b10825f4306b01a4951c528554f2495c4597080c63637b300669544d9c142e76", 22232960},
	{"windows/amd64", true, wheel, "onnxruntime_providers_shared.dll", "f7ec022e2b5a5126f606db4b46da795cacc6cbae4788ed5188b046bbefc13717", 0},
	{"windows/amd64", true, wheel, "onnxruntime_providers_cuda.dll", "110929d2552bc775828e7a5c18c5ef9ab90898fc57a57868623fe2fe8c82d494", 0},
	{"windows/amd64", true, wheel, "onnxruntime_providers_tensorrt.dll", "8157d55066ed344911b56c759450062e32d0c5c55a5bb947b7947924ea9080b3", 0},
	{"windows/amd64", true, wheel, "onnxruntime.dll", "c63af7de44303e401b283457fdb510caa65756afa1e8c4f43f90195358c4294b", 0},
}

// platform of the running program.
const platform = runtime.GOOS + "/" + runtime.GOARCH

// pinned tells whether a hash is one of the published files', of any platform.
func pinned(sum string) bool {
	return slices.ContainsFunc(pins, func(p pin) bool { return p.sha256 == sum })
}

// pinsFor lists the files of one build for a platform, the library itself last; none when it is not published.
func pinsFor(table []pin, platform string, gpu bool, from origin) []pin {
	var files []pin
	for _, p := range table {
		if p.platform == platform && p.gpu == gpu && p.origin == from {
			files = append(files, p)
		}
	}
	return files
}

// libraryName is the library's base name on this platform, as published.
func libraryName() string { return libraryNameOf(platform) }

func libraryNameOf(platform string) string {
	switch goos, _, _ := strings.Cut(platform, "/"); goos {
	case "windows":
		return "onnxruntime.dll"
	case "darwin":
		return "libonnxruntime." + Version + ".dylib"
	default:
		return "libonnxruntime.so." + Version
	}
}
