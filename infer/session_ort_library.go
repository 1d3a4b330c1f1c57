//go:build cgo

package infer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	onnxruntime "github.com/yalue/onnxruntime_go"

	"github.com/scones-unlimited/scones/infer/ort"
)

// environment is the library that this process has loaded. It cannot be unloaded safely, so it stays.
var environment runtimeEnvironment

type runtimeEnvironment struct {
	mu  sync.Mutex
	lib ort.Library // zero until one was loaded
}

// start loads the library once. A second call with another library is an error, with the same or none it returns the first's.
func (e *runtimeEnvironment) start(lib ort.Library) (ort.Library, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.lib.Path != "" {
		if lib.Path != "" && filepath.Clean(lib.Path) != e.lib.Path {
			return e.lib, fmt.Errorf("load ONNX Runtime library %q: %q is loaded already, a process has one", lib.Path, e.lib.Path)
		}
		return e.lib, nil
	}
	if lib.Path == "" {
		found, err := ort.Find(ort.Options{})
		if err != nil {
			return lib, fmt.Errorf("%w: %w", ErrNoRuntime, err)
		}
		lib = found
	} else if lib.SHA256 == "" {
		seen, err := ort.Inspect(lib.Path)
		if err != nil {
			return lib, fmt.Errorf("%w: %w", ErrNoRuntime, err)
		}
		seen.Source = ort.Named
		lib = seen
	}
	// From 1.29 on the library sends telemetry unless this was set before it started. cgo's Setenv reaches C's getenv.
	if err := os.Setenv("ORT_DISABLE_TELEMETRY", "1"); err != nil {
		return lib, fmt.Errorf("turn telemetry off: %w", err)
	}
	onnxruntime.SetSharedLibraryPath(lib.Path)
	// What goes wrong comes back as an error; the library would print it on stderr besides.
	if err := onnxruntime.InitializeEnvironment(onnxruntime.WithLogLevelFatal()); err != nil {
		return lib, fmt.Errorf("%w: load library %q: %w", ErrNoRuntime, lib.Path, err)
	}
	if err := onnxruntime.DisableTelemetry(); err != nil {
		return lib, fmt.Errorf("turn telemetry off: %w", err)
	}
	if lib.Version = onnxruntime.GetVersion(); lib.Version != ort.Version {
		return lib, fmt.Errorf("%w: library %q: %w: it is %s, %s is needed", ErrNoRuntime, lib.Path, ort.ErrVersion, lib.Version, ort.Version)
	}
	e.lib = lib
	return lib, nil
}

// Probe loads a library and tells which devices it can use, with the reason for each that it cannot.
func Probe(o SessionOptions) (Info, map[Device]error, error) {
	lib, err := environment.start(o.Library)
	if err != nil {
		return Info{}, nil, err
	}
	info := Info{Library: lib, Device: CPU, Threads: max(o.Threads, 1), TelemetryOff: true}
	missing := make(map[Device]error)
	for _, device := range slices.DeleteFunc(slices.Clone(Devices), func(d Device) bool { return d == Auto }) {
		options, err := onnxruntime.NewSessionOptions()
		if err != nil {
			return info, nil, err
		}
		if err := appendProvider(options, device); err != nil {
			missing[device] = unavailable(device, lib, err)
		} else {
			info.Providers = append(info.Providers, device.provider())
		}
		options.Destroy()
	}
	return info, missing, nil
}
