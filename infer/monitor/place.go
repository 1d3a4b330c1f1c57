package monitor

import (
	"fmt"
	"strconv"
	"strings"
)

// A Place says where a picture's bytes are. The zero Place is nowhere.
type Place struct {
	// File is the picture's own path or s3:// address where Line is 0, else a capture file's.
	File string
	// Line of the capture file, from 1, and the Offset of its first byte.
	Line   int
	Offset int64
}

// String is the place in one word: path, or path#LINE@OFFSET. [ParsePlace] reads it.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s#%d@%d", p.File, p.Line, p.Offset)
}

// ParsePlace reads what String writes; anything else is a path.
func ParsePlace(text string) Place {
	if at := strings.LastIndexByte(text, '#'); at >= 0 {
		line, offset, ok := strings.Cut(text[at+1:], "@")
		l, err := strconv.Atoi(line)
		o, offsetErr := strconv.ParseInt(offset, 10, 64)
		if ok && err == nil && offsetErr == nil && l > 0 && o >= 0 {
			return Place{text[:at], l, o}
		}
	}
	return Place{File: text}
}

// Short is the place as people name it: path, or path:LINE.
func (p Place) Short() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}
