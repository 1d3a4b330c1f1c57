//go:build cgo

package infer

import (
	"context"
	"errors"
	"fmt"

	onnxruntime "github.com/yalue/onnxruntime_go"

	"github.com/scones-unlimited/scones/model"
)

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
		if device == CPU {
			err = s.openKept(m, file, o.Graphs)
		} else {
			s.runtime, err = s.load(device, m, file, nil)
		}
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

// load makes ONNX Runtime's session for one device. Adjust, when not nil, changes the usual options.
func (s *Session) load(device Device, m *model.Model, file ModelFile, adjust func(*onnxruntime.SessionOptions) error) (*onnxruntime.DynamicAdvancedSession, error) {
	options, err := onnxruntime.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	err = errors.Join(
		options.SetIntraOpNumThreads(s.info.Threads),
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
	if err == nil && adjust != nil {
		err = adjust(options)
	}
	if err != nil {
		return nil, fmt.Errorf("set session options: %w", err)
	}
	if err := appendProvider(options, device); err != nil {
		return nil, unavailable(device, s.info.Library, err)
	}
	in, out := []string{m.Input.Name}, []string{m.Output.Name}
	var loaded *onnxruntime.DynamicAdvancedSession
	if file.Data != nil {
		loaded, err = onnxruntime.NewDynamicAdvancedSessionWithONNXData(file.Data, in, out, options)
	} else {
		loaded, err = onnxruntime.NewDynamicAdvancedSession(file.Path, in, out, options)
	}
	if err != nil && device != CPU {
		return nil, unavailable(device, s.info.Library, err)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	return loaded, nil
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
