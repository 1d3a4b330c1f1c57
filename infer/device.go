package infer

import (
	"fmt"
	"slices"

	"github.com/scones-unlimited/scones/infer/ort"
)

// Device says what a session computes on. The zero value is [CPU].
type Device string

// The devices. All but CPU are execution providers of ONNX Runtime, which its library must have been built with.
const (
	CPU      Device = "cpu"
	CUDA     Device = "cuda"     // NVIDIA
	TensorRT Device = "tensorrt" // NVIDIA, compiled for the model at its first run
	CoreML   Device = "coreml"   // Apple
	OpenVINO Device = "openvino" // Intel
	// Auto takes the first of CUDA, CoreML and CPU that can be had; [Info] tells which.
	Auto Device = "auto"
)

// Devices lists every device, in the order of the help text.
var Devices = []Device{CPU, CUDA, TensorRT, CoreML, OpenVINO, Auto}

// ParseDevice returns the device of a name, CPU for the empty one.
func ParseDevice(name string) (Device, error) {
	if name == "" {
		return CPU, nil
	}
	if !slices.Contains(Devices, Device(name)) {
		return "", fmt.Errorf("device %q is not known: one of %q", name, Devices)
	}
	return Device(name), nil
}

// WantsGPU tells whether the device profits from the GPU build of the library.
func (d Device) WantsGPU() bool { return d == CUDA || d == TensorRT || d == Auto }

// candidates are the devices to try in turn.
func (d Device) candidates() []Device {
	switch d {
	case "":
		return []Device{CPU}
	case Auto:
		return []Device{CUDA, CoreML, CPU}
	default:
		return []Device{d}
	}
}

// provider is the device's name in ONNX Runtime.
func (d Device) provider() string {
	return map[Device]string{
		CPU: "CPUExecutionProvider", CUDA: "CUDAExecutionProvider", TensorRT: "TensorrtExecutionProvider",
		CoreML: "CoreMLExecutionProvider", OpenVINO: "OpenVINOExecutionProvider",
	}[d]
}

// unavailable explains why a device cannot be had: what ONNX Runtime said, and what the library lacks.
func unavailable(device Device, lib ort.Library, reason error) *DeviceError {
	switch device {
	case CUDA, TensorRT, OpenVINO:
		if lacking := lib.Lacking(string(device)); lacking != nil {
			reason = fmt.Errorf("%w (%w)", reason, lacking)
		}
	}
	return &DeviceError{device, reason}
}

// A DeviceError says why a device cannot be had. It wraps [ErrDevice].
type DeviceError struct {
	Device Device
	// Reason is what ONNX Runtime said.
	Reason error
}

// Error names the device and what is missing.
func (e *DeviceError) Error() string {
	return fmt.Sprintf("use device %q: %v: %v", e.Device, ErrDevice, e.Reason)
}

// Unwrap returns [ErrDevice] and the reason.
func (e *DeviceError) Unwrap() []error { return []error{ErrDevice, e.Reason} }

// Hint says what would provide the device.
func (e *DeviceError) Hint() string {
	switch e.Device {
	case CUDA, TensorRT:
		return "it needs the GPU build (scones runtime install --gpu), NVIDIA's driver, and CUDA 12 and cuDNN 9 where the loader finds them; " +
			"--device auto falls back to the processor"
	case CoreML:
		return "it needs an Apple machine; --device auto falls back to the processor"
	default:
		return "name a library that was built with this device by --onnxruntime; --device auto falls back to the processor"
	}
}
