//go:build cgo

package infer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	onnxruntime "github.com/yalue/onnxruntime_go"

	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Session runs a model in ONNX Runtime. It implements [Scorer] and is safe for concurrent use: calls run side by side on the same
// weights, each in buffers of its own that are kept for the next call. Close it.
//
// On the CPU the scores of a picture do not depend on the other pictures of the batch, on its place or on the number of pictures,
// bit for bit. ONNX Runtime gives this for models whose weights are constants as long as no more than one thread works in a call
// (each output element is summed in one order). With more threads it cuts a lone picture's matrices in other ways than a batch's; a
// lone picture is then run as two.
type Session struct {
	ports   ports
	info    Info
	runtime *onnxruntime.DynamicAdvancedSession

	mu     sync.RWMutex // held for reading by runs in flight
	closed bool

	slotsMu sync.Mutex
	slots   []*slot
}

// OpenSession loads a model. Errors wrap [ErrNoRuntime] when there is no library, [ErrDevice] when the device cannot be had and
// [ErrModel] when the file does not fit the manifest.
func OpenSession(ctx context.Context, m *model.Model, file ModelFile, o SessionOptions) (*Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := filePorts(m, file)
	if err != nil {
		return nil, fmt.Errorf("load model %q: %w", file, err)
	}
	lib, err := environment.start(o.Library)
	if err != nil {
		return nil, err
	}
	s := &Session{ports: p, info: Info{Library: lib, Threads: max(o.Threads, 1), TelemetryOff: true}}
	for _, device := range o.Device.candidates() {
		s.runtime, err = openOn(device, m, file, s.info)
		if err == nil {
			s.info.Device = device
			s.info.Providers = []string{device.provider()}
			if device != CPU { // what the device cannot compute, the processor does
				s.info.Providers = append(s.info.Providers, CPU.provider())
			}
			return s, nil
		}
		if device != CPU && s.info.Fallback == "" {
			s.info.Fallback = err.Error()
		}
	}
	return nil, fmt.Errorf("load model %q: %w", file, err)
}

// openOn loads a model for one device.
func openOn(device Device, m *model.Model, file ModelFile, info Info) (*onnxruntime.DynamicAdvancedSession, error) {
	options, err := onnxruntime.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	err = errors.Join(
		options.SetIntraOpNumThreads(info.Threads),
		options.SetInterOpNumThreads(1),
		options.SetExecutionMode(onnxruntime.ExecutionModeSequential),
		options.SetGraphOptimizationLevel(onnxruntime.GraphOptimizationLevelEnableAll),
		// Measured with two calls at once of 16 pictures: as fast as any other choice, and the smallest memory (ResNet-20 at 32 × 32: 50 MB
		// against 53 with patterns and 61 without arena; thin ResNet-18 at 224 × 224: 118, 139 and 174). Patterns also pile up, one for
		// each number of pictures.
		options.SetCpuMemArena(true),
		options.SetMemPattern(false),
		// Waiting threads would take the cores that decode the next pictures.
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"),
		options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0"),
	)
	if err != nil {
		return nil, fmt.Errorf("set session options: %w", err)
	}
	if err := appendProvider(options, device); err != nil {
		return nil, unavailable(device, info.Library, err)
	}
	in, out := []string{m.Input.Name}, []string{m.Output.Name}
	var s *onnxruntime.DynamicAdvancedSession
	if file.Data != nil {
		s, err = onnxruntime.NewDynamicAdvancedSessionWithONNXData(file.Data, in, out, options)
	} else {
		s, err = onnxruntime.NewDynamicAdvancedSession(file.Path, in, out, options)
	}
	if err != nil && device != CPU {
		return nil, unavailable(device, info.Library, err)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	return s, nil
}

// appendProvider asks the library for a device.
func appendProvider(options *onnxruntime.SessionOptions, device Device) error {
	switch device {
	case CPU:
		return nil
	case CUDA:
		cuda, err := onnxruntime.NewCUDAProviderOptions()
		if err != nil {
			return err
		}
		defer cuda.Destroy()
		return options.AppendExecutionProviderCUDA(cuda)
	case TensorRT:
		trt, err := onnxruntime.NewTensorRTProviderOptions()
		if err != nil {
			return err
		}
		defer trt.Destroy()
		return options.AppendExecutionProviderTensorRT(trt)
	case CoreML:
		return options.AppendExecutionProviderCoreMLV2(nil)
	case OpenVINO:
		return options.AppendExecutionProviderOpenVINO(nil)
	default:
		return fmt.Errorf("device %q is not known", device)
	}
}

// Info tells what the session runs on.
func (s *Session) Info() Info { return s.info }

// Scores implements [Scorer]. A cancelled ctx asks ONNX Runtime to stop after the operator at hand and waits until it did.
func (s *Session) Scores(ctx context.Context, dst []float32, batch *preprocess.Tensor, n int) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.ports.check(batch, n, len(dst)); err != nil {
		return err
	}
	step := n
	if s.ports.fixed > 0 {
		step = s.ports.fixed
	}
	for first := 0; first < n; first += step {
		count := min(step, n-first)
		if err := s.run(ctx, dst[first*s.ports.classes:], batch, first, count); err != nil {
			return fmt.Errorf("score %d pictures: %w", n, err)
		}
	}
	return nil
}

// run scores count pictures from first on in one call of the library.
func (s *Session) run(ctx context.Context, dst []float32, batch *preprocess.Tensor, first, count int) error {
	rows := count
	switch {
	case s.ports.fixed > 0:
		rows = s.ports.fixed
	case count == 1 && s.info.Threads > 1:
		rows = 2 // see Session
	}
	slot, err := s.take()
	if err != nil {
		return err
	}
	defer s.give(slot)
	bound, err := slot.bind(s, rows)
	if err != nil {
		return err
	}
	pack(bound.in.GetData(), batch, s.ports.element, first, count)
	if err := slot.call(ctx, s.runtime, bound); err != nil {
		return err
	}
	unpack(dst[:count*s.ports.classes], bound.out.GetData(), s.ports.out)
	return nil
}

// Close waits for the runs in flight and frees the model. A closed session stays closed; closing it again does nothing.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, slot := range s.slots {
		errs = append(errs, slot.destroy())
	}
	s.slots = nil
	return errors.Join(append(errs, s.runtime.Destroy())...)
}

// A slot is what one call needs: options to stop it by, and tensors for each number of pictures that was seen. Its memory is Go's,
// which does not move, and lives as long as the tensors do.
type slot struct {
	options *onnxruntime.RunOptions
	bound   map[int]*bound
}

// bound are the tensors of one number of pictures, ready to be run.
type bound struct {
	in, out         *onnxruntime.CustomDataTensor
	inputs, outputs []onnxruntime.Value
}

// take returns a slot that no other call has. There are as many as there were calls at once.
func (s *Session) take() (*slot, error) {
	s.slotsMu.Lock()
	defer s.slotsMu.Unlock()
	if last := len(s.slots) - 1; last >= 0 {
		slot := s.slots[last]
		s.slots = s.slots[:last]
		return slot, nil
	}
	options, err := onnxruntime.NewRunOptions()
	if err != nil {
		return nil, fmt.Errorf("make run options: %w", err)
	}
	return &slot{options, make(map[int]*bound)}, nil
}

func (s *Session) give(slot *slot) {
	s.slotsMu.Lock()
	defer s.slotsMu.Unlock()
	s.slots = append(s.slots, slot)
}

// maxBound is how many numbers of pictures a slot keeps tensors for; a run of batches sees two or three.
const maxBound = 8

// bind returns the slot's tensors for a number of pictures.
func (l *slot) bind(s *Session, rows int) (*bound, error) {
	if b := l.bound[rows]; b != nil {
		return b, nil
	}
	if len(l.bound) == maxBound {
		for n, b := range l.bound {
			b.destroy()
			delete(l.bound, n)
		}
	}
	in := append(onnxruntime.Shape{int64(rows)}, s.ports.shape...)
	out := onnxruntime.Shape{int64(rows), int64(s.ports.classes)}
	if s.ports.outSquare {
		out = append(out, 1, 1)
	}
	b := new(bound)
	var err error
	if b.in, err = newTensor(in, s.ports.element); err != nil {
		return nil, fmt.Errorf("make input tensor: %w", err)
	}
	if b.out, err = newTensor(out, s.ports.out); err != nil {
		b.in.Destroy()
		return nil, fmt.Errorf("make output tensor: %w", err)
	}
	b.inputs, b.outputs = []onnxruntime.Value{b.in}, []onnxruntime.Value{b.out}
	l.bound[rows] = b
	return b, nil
}

func newTensor(shape onnxruntime.Shape, element model.Element) (*onnxruntime.CustomDataTensor, error) {
	kind := map[model.Element]onnxruntime.TensorElementDataType{
		model.Uint8:   onnxruntime.TensorElementDataTypeUint8,
		model.Float16: onnxruntime.TensorElementDataTypeFloat16,
		model.Float32: onnxruntime.TensorElementDataTypeFloat,
	}[element]
	return onnxruntime.NewCustomDataTensor(shape, alignedBytes(elements(shape)*size(element)), kind)
}

// call runs the library and, when ctx ends first, asks it to stop and waits until it did. The slot is as good as new afterwards.
func (l *slot) call(ctx context.Context, runtime *onnxruntime.DynamicAdvancedSession, b *bound) error {
	if ctx.Done() == nil {
		return runtime.RunWithOptions(b.inputs, b.outputs, l.options)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	asked := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(asked)
		l.options.Terminate()
	})
	err := runtime.RunWithOptions(b.inputs, b.outputs, l.options)
	if stop() {
		return err
	}
	<-asked // or the next call would be stopped
	if undo := l.options.UnsetTerminate(); undo != nil {
		return fmt.Errorf("reset run options: %w", undo)
	}
	if err != nil {
		return fmt.Errorf("%w (%w)", ctx.Err(), err)
	}
	return nil // it was done before it could stop
}

func (l *slot) destroy() error {
	errs := []error{l.options.Destroy()}
	for _, b := range l.bound {
		errs = append(errs, b.destroy())
	}
	return errors.Join(errs...)
}

func (b *bound) destroy() error { return errors.Join(b.in.Destroy(), b.out.Destroy()) }

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
