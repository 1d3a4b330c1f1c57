package monitor

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/scones-unlimited/scones/preprocess/phash"
	"github.com/scones-unlimited/scones/preprocess/picturestats"
)

// Fields are a row's in tables, in the order of their columns, time before them. The columns of pictures are empty where there is none.
type fields struct {
	EventID     string    `json:"event_id" parquet:"event_id"`
	InferenceID string    `json:"inference_id,omitempty" parquet:"inference_id"`
	Label       string    `json:"label" parquet:"label"`
	Index       int       `json:"index" parquet:"index"`
	Confidence  *float32  `json:"confidence,omitempty" parquet:"confidence,optional"`
	Scores      []float32 `json:"scores,omitempty" parquet:"scores,list"`
	LatencyMS   *float64  `json:"latency_ms,omitempty" parquet:"latency_ms,optional"`
	Error       string    `json:"error,omitempty" parquet:"error"`
	File        string    `json:"file,omitempty" parquet:"file"`
	Line        int       `json:"line,omitempty" parquet:"line"`
	Offset      int64     `json:"offset,omitempty" parquet:"offset"`

	Format        string   `json:"format,omitempty" parquet:"format"`
	Bytes         *int     `json:"bytes,omitempty" parquet:"bytes,optional"`
	Width         *int     `json:"width,omitempty" parquet:"width,optional"`
	Height        *int     `json:"height,omitempty" parquet:"height,optional"`
	Aspect        *float64 `json:"aspect,omitempty" parquet:"aspect,optional"`
	BytesPerPixel *float64 `json:"bytes_per_pixel,omitempty" parquet:"bytes_per_pixel,optional"`
	Brightness    *float64 `json:"brightness,omitempty" parquet:"brightness,optional"`
	Contrast      *float64 `json:"contrast,omitempty" parquet:"contrast,optional"`
	Colourfulness *float64 `json:"colourfulness,omitempty" parquet:"colourfulness,optional"`
	Saturation    *float64 `json:"saturation,omitempty" parquet:"saturation,optional"`
	Sharpness     *float64 `json:"sharpness,omitempty" parquet:"sharpness,optional"`
	Entropy       *float64 `json:"entropy,omitempty" parquet:"entropy,optional"`
	Grey          *bool    `json:"grey,omitempty" parquet:"grey,optional"`
	SHA256        string   `json:"sha256,omitempty" parquet:"sha256"`
	Hash          string   `json:"phash,omitempty" parquet:"phash"`
}

// A jsonRecord is a row as JSON; its time is RFC 3339 in UTC.
type jsonRecord struct {
	Time string `json:"time,omitempty"`
	fields
}

// A parquetRecord is a row in Parquet; its time is a timestamp in UTC, null where there is none.
type parquetRecord struct {
	Time int64 `parquet:"time,optional,timestamp(microsecond)"`
	fields
}

func fieldsOf(r *Row) (f fields) {
	f = fields{
		EventID: r.EventID, InferenceID: r.InferenceID, Label: r.Label, Index: r.Index, Scores: r.Scores, Error: r.Error,
		File: r.Place.File, Line: r.Place.Line, Offset: r.Place.Offset,
	}
	if r.Error == "" {
		f.Confidence = &r.Confidence
	}
	if r.Latency > 0 {
		f.LatencyMS = new(float64(r.Latency) / float64(time.Millisecond))
	}
	if p := r.Picture; p != nil {
		f.Format, f.Bytes, f.Width, f.Height, f.Aspect, f.BytesPerPixel = p.Format, &p.Bytes, &p.Width, &p.Height, new(p.Aspect()), new(p.BytesPerPixel())
		f.Brightness, f.Contrast, f.Colourfulness, f.Saturation = &p.Brightness, &p.Contrast, &p.Colourfulness, &p.Saturation
		f.Sharpness, f.Entropy, f.Grey, f.SHA256, f.Hash = &p.Sharpness, &p.Entropy, &p.Grey, p.Digest(), p.Look()
	}
	return f
}

// row is the reverse of fieldsOf.
func (f *fields) row() (Row, error) {
	r := Row{
		EventID: f.EventID, InferenceID: f.InferenceID, Label: f.Label, Index: f.Index, Scores: f.Scores, Error: f.Error, Latency: NoLatency,
		Place: Place{f.File, f.Line, f.Offset},
	}
	if len(r.Scores) == 0 {
		r.Scores = nil
	}
	if f.LatencyMS != nil && *f.LatencyMS > 0 { // the Parquet library reads null as 0
		r.Latency = time.Duration(*f.LatencyMS * float64(time.Millisecond))
	}
	if err := probabilities(r.Scores); err != nil {
		return r, err
	}
	switch {
	case r.Error != "":
		r.fail(r.Error)
	case f.Confidence == nil || !(*f.Confidence >= 0 && *f.Confidence <= 1) || r.Index < 0:
		return r, fmt.Errorf("it has neither an error nor an index and a confidence of 0 to 1")
	default:
		r.Confidence = *f.Confidence
	}
	if f.Format == "" {
		return r, nil
	}
	p := &picturestats.Stats{Format: f.Format, Flat: f.Hash == ""}
	for _, number := range []struct {
		from *float64
		to   *float64
	}{
		{f.Brightness, &p.Brightness}, {f.Contrast, &p.Contrast}, {f.Colourfulness, &p.Colourfulness}, {f.Saturation, &p.Saturation},
		{f.Sharpness, &p.Sharpness}, {f.Entropy, &p.Entropy},
	} {
		if number.from != nil {
			*number.to = *number.from
		}
	}
	for _, number := range []struct{ from, to *int }{{f.Bytes, &p.Bytes}, {f.Width, &p.Width}, {f.Height, &p.Height}} {
		if number.from != nil {
			*number.to = *number.from
		}
	}
	if p.Width < 1 || p.Height < 1 {
		return r, fmt.Errorf("its picture has %d × %d pixels", p.Width, p.Height)
	}
	p.Grey = f.Grey != nil && *f.Grey
	digest, err := hex.DecodeString(f.SHA256)
	if err != nil || len(digest) != len(p.SHA256) {
		return r, fmt.Errorf("sha256 is %q", brief(f.SHA256))
	}
	copy(p.SHA256[:], digest)
	if !p.Flat {
		if p.Hash, err = phash.Parse(f.Hash); err != nil {
			return r, err
		}
	}
	r.Picture = p
	return r, nil
}

// row reads the time as well.
func (j *jsonRecord) row() (Row, error) {
	r, err := j.fields.row()
	if err == nil && j.Time != "" {
		r.Time, err = time.Parse(time.RFC3339Nano, j.Time)
		r.Time = r.Time.UTC()
	}
	return r, err
}

func jsonOf(r *Row) jsonRecord {
	j := jsonRecord{fields: fieldsOf(r)}
	if !r.Time.IsZero() {
		j.Time = r.Time.UTC().Format(time.RFC3339Nano)
	}
	return j
}

// row reads the time as well.
func (p *parquetRecord) row() (Row, error) {
	r, err := p.fields.row()
	if p.Time != 0 {
		r.Time = time.UnixMicro(p.Time).UTC()
	}
	return r, err
}

func parquetOf(r *Row) parquetRecord {
	p := parquetRecord{fields: fieldsOf(r)}
	if !r.Time.IsZero() {
		p.Time = r.Time.UnixMicro()
	}
	return p
}
