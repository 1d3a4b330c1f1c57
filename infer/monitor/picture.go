package monitor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/scones-unlimited/scones/infer/capture"
	"github.com/scones-unlimited/scones/preprocess"
)

// measure takes the picture statistics of a row.
func (l *Loader) measure(r *result, picture []byte) {
	stats, err := l.pictures.Stats(picture)
	if err != nil {
		r.problem(BadPicture, string(preprocess.CodeOf(err)), r.row.Place.Short(), err)
		return
	}
	r.row.Picture = &stats
}

// lookUp reads the picture that a row names, where it has no statistics yet.
func (l *Loader) lookUp(ctx context.Context, r *result) {
	if l.o.SkipPictures || r.row.Picture != nil || r.row.Place == (Place{}) || r.row.Place.Line > 0 {
		return
	}
	data, err := ReadPlace(ctx, r.row.Place, l.o.Fetch, l.o.Limits)
	if err != nil {
		r.problem(BadPicture, string(preprocess.CodeOf(err)), r.row.Place.Short(), err)
		return
	}
	l.measure(r, data)
}

// ErrElsewhere is wrapped where an address is an object's and nothing was given to fetch it.
var ErrElsewhere = errors.New("lies in S3")

// ReadPlace reads the bytes of a picture again. Fetch opens s3:// addresses; it may be nil.
func ReadPlace(ctx context.Context, at Place, fetch func(ctx context.Context, uri string) (io.ReadCloser, error), limits preprocess.Limits) ([]byte, error) {
	stream, err := openAddress(ctx, at.File, fetch)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	if at.Line == 0 {
		most := limits.MaxBytes
		if most <= 0 {
			most = preprocess.DefaultMaxBytes
		}
		var data bytes.Buffer
		if _, err := data.ReadFrom(io.LimitReader(stream, most+1)); err != nil {
			return nil, err
		}
		if int64(data.Len()) > most {
			return nil, &preprocess.ImageError{Code: preprocess.CodeTooLarge, Err: fmt.Errorf("%q has more than %d bytes, the limit", at.File, most)}
		}
		return data.Bytes(), nil
	}
	if seeker, ok := stream.(io.Seeker); ok {
		_, err = seeker.Seek(at.Offset, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, stream, at.Offset)
	}
	if err != nil {
		return nil, err
	}
	record, err := capture.NewReader(stream, 0).Next()
	if err != nil {
		return nil, fmt.Errorf("read %s again: %w", at.Short(), err)
	}
	return record.Picture()
}

// openAddress opens a file here, or what fetch finds.
func openAddress(ctx context.Context, name string, fetch func(ctx context.Context, uri string) (io.ReadCloser, error)) (io.ReadCloser, error) {
	if strings.HasPrefix(name, "s3://") {
		if fetch == nil {
			return nil, fmt.Errorf("%s %w, which is not reached here", name, ErrElsewhere)
		}
		return fetch(ctx, name)
	}
	file, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, &preprocess.ImageError{Code: preprocess.CodeNotAFile, Err: fmt.Errorf("%q is not a regular file", name)}
	}
	return file, nil
}
