package ort

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// ownNames begin the names of libraries that every machine has, or that lie beside the provider.
var ownNames = []string{"libc.", "libm.", "libdl.", "librt.", "libpthread.", "libstdc++.", "libgcc_s.", "ld-linux", "libonnxruntime"}

// Lacking says what the library lacks for a provider, named as in its file ("cuda", "tensorrt", "openvino"): the provider's file beside
// the library, or what that file needs from the system. ONNX Runtime itself only says that loading failed. It returns nil when there is
// nothing to say.
func (l Library) Lacking(provider string) error {
	name := "libonnxruntime_providers_" + provider + ".so"
	switch runtime.GOOS {
	case "windows":
		name = "onnxruntime_providers_" + provider + ".dll"
	case "darwin":
		return nil // providers are inside the library
	}
	path := filepath.Join(filepath.Dir(l.Path), name)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%s is not beside the library", name)
	}
	file, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	needs, err := file.ImportedLibraries()
	if err != nil {
		return nil
	}
	needs = slices.DeleteFunc(needs, func(need string) bool {
		return slices.ContainsFunc(ownNames, func(own string) bool { return strings.HasPrefix(need, own) })
	})
	if len(needs) == 0 {
		return nil
	}
	return fmt.Errorf("%s needs %s", name, strings.Join(needs, ", "))
}
