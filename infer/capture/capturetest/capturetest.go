// Package capturetest makes captures of any number, as an endpoint of two classes would leave them, for tests and measurements.
package capturetest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Options say what the captures are like. The same options give the same captures.
type Options struct {
	Records int
	// Side of the pictures in pixels; 0 captures answers alone.
	Side int
	// Begin is the first record's time, Every the time to the next; zero means 2026-01-01 and a second.
	Begin time.Time
	Every time.Duration
	Seed  uint64
	// Dark is the part of its brightness that a picture loses, 0 to 1.
	Dark float64
}

// PerFile is the most records of a file.
const PerFile = 5000

// Folder writes captures below dir, in files of an hour or less.
func Folder(dir string, o Options) error {
	var out *bufio.Writer
	var file *os.File
	finish := func() error {
		if file == nil {
			return nil
		}
		if err := out.Flush(); err != nil {
			return err
		}
		return file.Close()
	}
	hour, count := "", 0
	for i := range o.Records {
		at := o.at(i)
		if h := at.Format("2006/01/02/15"); h != hour || count >= PerFile {
			if err := finish(); err != nil {
				return err
			}
			name := filepath.Join(dir, "endpoint", capture.DefaultVariant, filepath.FromSlash(h), fmt.Sprintf("%s-%s.jsonl", at.Format("04-05.000"), id(o.Seed, i)))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
			var err error
			if file, err = os.Create(name); err != nil {
				return err
			}
			out = bufio.NewWriterSize(file, 1<<20)
			hour, count = h, 0
		}
		count++
		line, err := Line(o, i)
		if err != nil {
			return err
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return finish()
}

func (o *Options) at(i int) time.Time {
	begin, every := o.Begin, o.Every
	if begin.IsZero() {
		begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if every == 0 {
		every = time.Second
	}
	return begin.Add(time.Duration(i) * every)
}

// id is the event id of a record.
func id(seed uint64, i int) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], seed)
	binary.BigEndian.PutUint64(b[8:], uint64(i))
	return uuid.NewSHA1(uuid.Nil, b[:]).String()
}

// Line is record i with its line feed.
func Line(o Options, i int) ([]byte, error) {
	random := rand.New(rand.NewPCG(o.Seed, uint64(i)))
	confidence := 0.5 + random.Float64()/2
	scores := [2]float64{confidence, 1 - confidence}
	if random.IntN(2) == 1 {
		scores[0], scores[1] = scores[1], scores[0]
	}
	types := capture.DefaultContentTypes()
	r := &capture.Record{EventVersion: capture.Version, EventMetadata: capture.Metadata{EventID: id(o.Seed, i), InferenceTime: capture.FormatTime(o.at(i))}}
	r.CaptureData.EndpointOutput = capture.NewPayload(capture.Output, "application/json", fmt.Appendf(nil, "[%v, %v]", scores[0], scores[1]), types)
	if o.Side > 0 {
		var picture bytes.Buffer
		if err := png.Encode(&picture, o.picture(random)); err != nil {
			return nil, err
		}
		r.CaptureData.EndpointInput = capture.NewPayload(capture.Input, "image/png", picture.Bytes(), types)
	}
	return r.Line()
}

// picture is a field with a disc on it.
func (o *Options) picture(random *rand.Rand) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, o.Side, o.Side))
	colour := func() [3]float64 { return [3]float64{random.Float64(), random.Float64(), random.Float64()} }
	ground, disc := colour(), colour()
	x0, y0, radius := random.Float64(), random.Float64(), 0.1+0.4*random.Float64()
	for y := range o.Side {
		for x := range o.Side {
			dx, dy := float64(x)/float64(o.Side)-x0, float64(y)/float64(o.Side)-y0
			c := ground
			if dx*dx+dy*dy < radius*radius {
				c = disc
			}
			pixel := m.Pix[4*(y*o.Side+x):][:4]
			for k := range 3 {
				pixel[k] = uint8(255 * (1 - o.Dark) * min(max(c[k]+0.05*random.NormFloat64(), 0), 1))
			}
			pixel[3] = 255
		}
	}
	return m
}
