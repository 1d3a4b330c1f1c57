package preprocess

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// files keeps the buffers that files are read into; the largest are left to the garbage collector.
var files = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxKeptFile is the largest buffer that is kept.
const maxKeptFile = 16 << 20

// Load opens, reads and decodes one image. Every error is an [*ImageError]: what keeps the file from being opened or read has the
// code that [CodeOf] gives it, all else is as in [Pipeline.Decode].
func (p *Pipeline) Load(img Image) (*Picture, error) { return p.load(img, p.Decode) }

// LoadStored is Load with [Pipeline.DecodeStored].
func (p *Pipeline) LoadStored(img Image) (*Picture, error) { return p.load(img, p.DecodeStored) }

func (p *Pipeline) load(img Image, decode func([]byte) (*Picture, error)) (*Picture, error) {
	buf := files.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= maxKeptFile {
			files.Put(buf)
		}
	}()
	buf.Reset()
	if err := p.read(buf, img); err != nil {
		return nil, err
	}
	return decode(buf.Bytes())
}

// read reads the whole file into buf, at most one byte beyond the limit.
func (p *Pipeline) read(buf *bytes.Buffer, img Image) error {
	r, err := img.Open()
	if err != nil {
		return &ImageError{Code: CodeOf(err), Err: err}
	}
	most := p.limits.maxBytes()
	_, err = buf.ReadFrom(io.LimitReader(r, most+1))
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return &ImageError{Code: CodeOf(err), Err: fmt.Errorf("read picture: %w", err)}
	}
	if int64(buf.Len()) > most {
		return fail(CodeTooLarge, "the file has more than %d bytes, the limit", most)
	}
	return nil
}
