//go:build cgo && (linux || darwin) && (amd64 || arm64)

package turbojpeg

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// A Library is a loaded libjpeg-turbo. It is safe for concurrent use.
type Library struct {
	path, name string
	// The functions of TurboJPEG 2.0, which 3.x keeps.
	create, destroy, header, decompress, errorText, errorCode uintptr
	// Free keeps the memory of calls for the next pictures.
	free chan *decompressor
}

// A decompressor is a handle of TurboJPEG's, and the memory that it writes a header into.
type decompressor struct {
	handle                             uintptr
	width, height, subsampling, colour int32
	// From and to are the memory of the call. What lies in them is on the heap, where it does not move.
	from, to *byte
	// Args of the call, here so that none allocates.
	args [9]uintptr
}

// maxFree is how many of them wait: one for each core of a large machine.
const maxFree = 64

// Open loads a library file and looks its functions up. The file is not closed again.
func Open(path string) (*Library, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name, err := nameOf(path)
	if err != nil {
		return nil, fmt.Errorf("open libjpeg-turbo %q: %w", path, err)
	}
	loaded, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load libjpeg-turbo %q: %w", path, err)
	}
	lib := &Library{path: path, name: "libjpeg-turbo " + name, free: make(chan *decompressor, maxFree)}
	for _, f := range []struct {
		name string
		to   *uintptr
	}{
		{"tjInitDecompress", &lib.create}, {"tjDestroy", &lib.destroy}, {"tjDecompressHeader3", &lib.header},
		{"tjDecompress2", &lib.decompress}, {"tjGetErrorStr2", &lib.errorText}, {"tjGetErrorCode", &lib.errorCode},
	} {
		if *f.to, err = purego.Dlsym(loaded, f.name); err != nil {
			return nil, fmt.Errorf("load libjpeg-turbo %q: version 2.0 or later is needed: %w", path, err)
		}
	}
	// Version 3 is told by one of its functions; the file's name tells the rest.
	version := " 2"
	if _, err := purego.Dlsym(loaded, "tj3Init"); err == nil {
		version = " 3"
	}
	lib.name = "libjpeg-turbo" + version + " (" + name + ")"
	return lib, nil
}

// Name identifies the library in reports, such as "libjpeg-turbo 2 (libturbojpeg.so.0.2.0 sha256 0123456789ab)".
func (l *Library) Name() string { return l.name }

// Path of the file.
func (l *Library) Path() string { return l.path }

// take returns a decompressor with a handle of its own. A handle keeps the tables of its last file, and a file that lacks some would
// be decoded by them: every file gets a new one, in some microseconds.
func (l *Library) take() (*decompressor, error) {
	var d *decompressor
	select {
	case d = <-l.free:
	default:
		d = new(decompressor)
	}
	if d.handle, _, _ = purego.SyscallN(l.create); d.handle == 0 {
		return nil, errors.New("start libjpeg-turbo: out of memory")
	}
	return d, nil
}

// put ends the handle and keeps the rest.
func (l *Library) put(d *decompressor) {
	d.args[0] = d.handle
	purego.SyscallN(l.destroy, d.args[:1]...)
	d.handle, d.from, d.to = 0, nil, nil
	select {
	case l.free <- d:
	default:
	}
}

// Flags of tjDecompress2: the slow inverse transform, which is the exact one and Pillow's, and no more than 500 scans.
const flags = 4096 | 32768

// Decode decodes a file of width × height pixels, as its header says, at a scale into dst, rows from the top without gaps. It returns
// nil when all is well; a [*Fault] tells whether dst holds a picture nevertheless. Nothing is kept of data and dst.
func (l *Library) Decode(dst, data []byte, width, height int, scale Eighths, colour Colour) error {
	outWidth, outHeight := scale.Of(width), scale.Of(height)
	if width < 1 || height < 1 || scale < 1 || scale > Whole || len(data) == 0 || len(dst) < outWidth*outHeight*colour.Samples() {
		return fmt.Errorf("decode JPEG: %d bytes for %d × %d pixels at %d/8", len(dst), width, height, scale)
	}
	d, err := l.take()
	if err != nil {
		return err
	}
	defer l.put(d)
	d.from, d.to = unsafe.SliceData(data), unsafe.SliceData(dst)
	from, size := uintptr(unsafe.Pointer(d.from)), uintptr(len(data))
	// What the header fails of, decoding fails of as well; in version 2 it also fails of a subsampling without a name. Only the size
	// counts here: decoding would pick the scale that comes closest to another one.
	d.width, d.height = 0, 0
	d.args = [9]uintptr{d.handle, from, size, uintptr(unsafe.Pointer(&d.width)), uintptr(unsafe.Pointer(&d.height)),
		uintptr(unsafe.Pointer(&d.subsampling)), uintptr(unsafe.Pointer(&d.colour))}
	purego.SyscallN(l.header, d.args[:7]...)
	if d.width != 0 && (int(d.width) != width || int(d.height) != height) {
		return &Fault{Text: fmt.Sprintf("the file gives two sizes, %d × %d and %d × %d", width, height, d.width, d.height)}
	}
	d.args = [9]uintptr{d.handle, from, size, uintptr(unsafe.Pointer(d.to)), uintptr(outWidth), uintptr(outWidth * colour.Samples()),
		uintptr(outHeight), uintptr(colour), flags}
	failed, _, _ := purego.SyscallN(l.decompress, d.args[:]...)
	runtime.KeepAlive(d)
	if int32(failed) == 0 {
		return nil
	}
	return l.fault(d)
}

// fault reads what went wrong in the last call.
func (l *Library) fault(d *decompressor) *Fault {
	code, _, _ := purego.SyscallN(l.errorCode, d.handle)
	text, _, _ := purego.SyscallN(l.errorText, d.handle)
	return faultOf(textAt(text), int32(code) == 0)
}

// textAt copies a C string of at most 200 bytes, libjpeg's longest message.
func textAt(address uintptr) string {
	if address == 0 {
		return "unknown error"
	}
	first := *(*unsafe.Pointer)(unsafe.Pointer(&address)) // C memory, which the garbage collector does not move
	text := make([]byte, 0, 200)
	for i := range cap(text) {
		c := *(*byte)(unsafe.Add(first, i))
		if c == 0 {
			break
		}
		text = append(text, c)
	}
	return string(text)
}
