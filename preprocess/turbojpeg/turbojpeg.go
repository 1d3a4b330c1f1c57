// Package turbojpeg decodes JPEG with libjpeg-turbo, the decoder that Pillow uses, where the system has it.
//
// The library is found at run time and never required. Its TurboJPEG interface is called, not libjpeg's: that one hands out
// structures whose layout changes with the version, and leaves errors by longjmp through its caller. [Default] finds the library once
// for the process; a build without cgo, or for another system than Linux and macOS on 64 bits, has none, stays static, and says so.
//
// # Security
//
// The picture's size is given with the memory, and the library shrinks or refuses what would not fit, so a file that tells the two
// readers of its header different sizes cannot write beyond it. A progressive file of more than 500 scans is refused.
package turbojpeg

import (
	"errors"
	"fmt"
	"strings"
)

// EnvLibrary is the environment variable that names the library file to use, or [None].
const EnvLibrary = "TURBOJPEG_LIB"

// None is the value of [EnvLibrary] that keeps the library from being used.
const None = "none"

// ErrNotFound is wrapped when no library can be used; the message lists where it was looked for.
var ErrNotFound = errors.New("libjpeg-turbo not found")

// errDisabled is why there is no library when the user wants none.
var errDisabled = fmt.Errorf("%w: %s is %s", ErrNotFound, EnvLibrary, None)

// A Colour is what a pixel of the output holds, by TurboJPEG's numbers (TJPF).
type Colour int

// The colours, all of 8-bit samples without gaps.
const (
	RGB  Colour = 0  // three samples; a grey file gives three equal ones
	Grey Colour = 6  // one sample, for grey files
	CMYK Colour = 11 // four samples as they are stored, after YCCK was converted
)

// Samples a pixel.
func (c Colour) Samples() int {
	switch c {
	case Grey:
		return 1
	case CMYK:
		return 4
	}
	return 3
}

// Eighths is a scale: of width and height so many eighths are decoded, 1 to 8.
type Eighths int

// Whole decodes every pixel.
const Whole Eighths = 8

// Of returns the length of a side after scaling, rounded up as the library does (TJSCALED).
func (e Eighths) Of(side int) int { return (side*int(e) + 7) / 8 }

// A Fault says what the library found wrong with a file.
type Fault struct {
	// Text is the library's own message.
	Text string
	// Kind tells what became of the picture.
	Kind Kind
}

// Error is the library's message.
func (f *Fault) Error() string { return f.Text }

// A Kind is how bad a [Fault] is.
type Kind int

// The kinds.
const (
	// Refused files gave no picture.
	Refused Kind = iota
	// Unsupported files are of a kind that the library does not decode.
	Unsupported
	// Short files ended before the picture did; the rest was made up.
	Short
	// Damaged files gave a picture that is not what was stored.
	Damaged
	// Odd files break a rule, but the picture is whole.
	Odd
)

// faults are the beginnings of libjpeg's messages (jerror.h). All but the last three are its warnings, of which only the first is kept
// for a picture; whatever is not listed is fatal.
var faults = []struct {
	begins string
	kind   Kind
}{
	{"Premature end of JPEG file", Short},
	{"Unknown Adobe color transform", Odd},
	{"Warning: unknown JFIF revision", Odd},
	{"Invalid SOS parameters for sequential", Odd},
	{"Corrupt JPEG data: bad ICC", Odd},
	{"Inconsistent progression", Damaged},
	{"Corrupt JPEG data", Damaged}, // extraneous bytes aside
	{"Unsupported", Unsupported},
	{"Sorry", Unsupported},
	{"Requested feature was omitted", Unsupported},
}

// faultOf sorts a message; warning is false when the library itself calls it fatal.
func faultOf(text string, warning bool) *Fault {
	fault := &Fault{Text: text}
	if strings.HasPrefix(text, "Corrupt JPEG data") && strings.Contains(text, "extraneous bytes before marker") {
		fault.Kind = Odd
	} else {
		for _, known := range faults {
			if strings.HasPrefix(text, known.begins) {
				fault.Kind = known.kind
				break
			}
		}
	}
	if !warning && fault.Kind > Unsupported {
		fault.Kind = Refused
	}
	return fault
}
