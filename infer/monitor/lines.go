package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/scones-unlimited/scones/infer/capture"
	rows "github.com/scones-unlimited/scones/infer/result"
)

// A chunk of lines is one task: as many as make the hand-over cheap, and no more than memory should hold.
const (
	chunkLines = 256
	chunkBytes = 512 << 10
)

// A rawLine is a line before it is parsed.
type rawLine struct {
	number int
	offset int64
	end    int // in the chunk's text
	whole  bool
}

// lines cuts a file of JSON lines into chunks.
func (l *Loader) lines(ctx context.Context, name string, from io.Reader, emit func(task) bool) bool {
	reader := capture.NewReader(from, l.o.MaxRecord)
	var text []byte
	var list []rawLine
	flush := func() bool {
		chunk, numbers := text, list
		text, list = nil, nil
		return len(numbers) == 0 || emit(func(yield func(*result) bool) { l.chunk(ctx, name, chunk, numbers, yield) })
	}
	for {
		line, whole, err := reader.Raw()
		if bad, ok := errors.AsType[*capture.RecordError](err); ok {
			r := &result{record: true}
			r.problem(BadRecord, string(bad.Code), Place{name, reader.Line(), reader.Offset()}.Short(), bad)
			if !flush() || !emit(one(r)) {
				return false
			}
			continue
		}
		if err != nil {
			if !flush() {
				return false
			}
			return errors.Is(err, io.EOF) || emit(one(unreadable(ctx, name, err, false)))
		}
		if len(list) >= chunkLines || len(list) > 0 && len(text)+len(line) > chunkBytes {
			if !flush() {
				return false
			}
		}
		text = append(text, line...)
		list = append(list, rawLine{reader.Line(), reader.Offset(), len(text), whole})
	}
}

// chunk parses lines.
func (l *Loader) chunk(ctx context.Context, name string, text []byte, list []rawLine, yield func(*result) bool) {
	begin := 0
	for _, raw := range list {
		line := text[begin:raw.end]
		begin = raw.end
		r := &result{record: true, bytes: int64(len(line))}
		l.line(ctx, r, Place{name, raw.number, raw.offset}, line, raw.whole)
		yield(r)
	}
}

// line reads one JSON line of whatever kind.
func (l *Loader) line(ctx context.Context, r *result, at Place, line []byte, whole bool) {
	has := func(key string) bool { return bytes.Contains(line, []byte(key)) }
	switch {
	case has(`"captureData"`):
	case has(`"event_id"`):
		var fields jsonRecord
		err := json.Unmarshal(line, &fields)
		if err == nil {
			r.row, err = fields.row()
		}
		l.given(ctx, r, at, err)
		return
	case has(`"path"`) && has(`"label"`):
		row, err := rows.ParseJSON(line)
		r.row = l.rowOf(&row)
		l.given(ctx, r, at, err)
		return
	}
	record, err := capture.ParseLine(line, whole)
	if err != nil {
		r.problem(BadRecord, codeOf(err), at.Short(), err)
		return
	}
	l.capture(r, at, record)
}

// given finishes a row that was read from a table.
func (l *Loader) given(ctx context.Context, r *result, at Place, err error) {
	if err != nil {
		r.problem(BadRecord, CodeRow, at.Short(), err)
		return
	}
	r.ok = true
	l.finish(r)
	if !r.outside {
		l.lookUp(ctx, r)
	}
}

// capture makes the row of a captured record.
func (l *Loader) capture(r *result, at Place, record *capture.Record) {
	r.ok = true
	r.row = Row{EventID: record.EventMetadata.EventID, InferenceID: record.EventMetadata.InferenceID, Latency: NoLatency}
	var err error
	if r.row.Time, err = record.EventMetadata.Time(); err != nil {
		r.problem(BadRecord, CodeTime, at.Short(), err)
		r.ok = !l.bounded() // it cannot be told to lie in the window
	} else {
		r.outside = !l.within(r.row.Time)
	}
	if r.outside || !r.ok {
		return
	}
	scores, err := record.Scores()
	if err == nil {
		err = probabilities(scores)
	}
	if err != nil {
		r.row.fail(codeOf(err))
		r.problem(BadAnswer, codeOf(err), at.Short(), err)
	} else {
		r.row.answer(scores, l.o.Labels)
	}
	if l.o.SkipPictures {
		if record.CaptureData.EndpointInput != nil {
			r.row.Place = at
		}
		return
	}
	picture, err := record.Picture()
	switch bad, ok := errors.AsType[*capture.RecordError](err); {
	case ok && bad.Code == capture.CodeNoInput && record.CaptureData.EndpointInput == nil: // the endpoint captures answers alone
	case err != nil:
		r.problem(BadPicture, codeOf(err), at.Short(), err)
	default:
		r.row.Place = at
		l.measure(r, picture)
	}
}

// probabilities refuses numbers that no classifier gives.
func probabilities(scores []float32) error {
	for i, s := range scores {
		if !(s >= 0 && s <= 1) {
			return &capture.RecordError{Code: capture.CodeNotScores, Err: fmt.Errorf("score %d is %v, want 0 to 1", i, s)}
		}
	}
	return nil
}

// codeOf is an error's own code.
func codeOf(err error) string {
	if coded, ok := errors.AsType[interface {
		error
		ErrorCode() string
	}](err); ok {
		return coded.ErrorCode()
	}
	return string(capture.CodeSyntax)
}
