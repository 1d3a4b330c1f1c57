package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/scones-unlimited/scones/infer/capture"
)

// Codes of batch captures.
const (
	CodeList   = "bad-manifest" // is no list of files
	CodeObject = "no-such-file" // a file that a list names cannot be read
	outputPart = "/output/"     // of the path of a list of answers
	inputPart  = "/input/"      // of the path of a list of what was sent
	answerMost = 64 << 20       // bytes of an answer
	answerEnd  = ".out"         // what Batch Transform adds to a file's name
)

// manifest reads a list of files, as Batch Transform captures: [{"prefix": "s3://…/"}, "a.png", …]. Of a list of answers each file is a
// record, at the hour of the list; the picture is the file of the same name below the prefix of a list of inputs of that hour. Lists of
// inputs are remembered, which lie before those of answers in the order of names.
func (l *Loader) manifest(ctx context.Context, name string, from io.Reader, emit func(task) bool) bool {
	data, err := document(name, from)
	if err != nil {
		return emit(one(unreadable(ctx, name, err, false)))
	}
	prefix, list, err := parseManifest(data)
	if err != nil {
		r := &result{bytes: int64(len(data))}
		r.problem(BadFile, CodeList, name, err)
		return emit(one(r))
	}
	if !emit(one(&result{bytes: int64(len(data))})) {
		return false
	}
	hour, timed := capture.Partition(name)
	if dir, ok := cutLast(path.Dir(name), inputPart); ok {
		l.inputs[dir] = append(l.inputs[dir], prefix)
		return true
	}
	dir, ok := cutLast(path.Dir(name), outputPart)
	if !ok {
		r := &result{}
		r.problem(BadFile, CodeList, name, errors.New("it lies in a folder that is neither input/yyyy/mm/dd/hh nor output/yyyy/mm/dd/hh"))
		return emit(one(r))
	}
	inputs := l.inputs[dir]
	for begin := 0; begin < len(list); begin += chunkLines {
		part := list[begin:min(begin+chunkLines, len(list))]
		if !emit(func(yield func(*result) bool) {
			for _, file := range part {
				r := &result{record: true, row: Row{Index: -1, Latency: NoLatency, EventID: prefix + file}}
				if timed {
					r.row.Time = hour
				}
				l.batched(ctx, r, prefix+file, strings.TrimSuffix(file, answerEnd), inputs)
				if !yield(r) || ctx.Err() != nil {
					return
				}
			}
		}) {
			return false
		}
	}
	return true
}

// cutLast takes a part out of a path, so that input and output of one hour become alike.
func cutLast(dir, part string) (string, bool) {
	at := strings.LastIndex("/"+dir+"/", part)
	if at < 0 {
		return "", false
	}
	whole := "/" + dir + "/"
	return whole[:at] + "/" + whole[at+len(part):], true
}

func parseManifest(data []byte) (prefix string, list []string, err error) {
	var entries []json.RawMessage
	if err := json.Unmarshal(data, &entries); err != nil {
		return "", nil, err
	}
	for i, entry := range entries {
		var head struct {
			Prefix *string `json:"prefix"`
		}
		var file string
		switch {
		case json.Unmarshal(entry, &file) == nil:
			list = append(list, file)
		case json.Unmarshal(entry, &head) == nil && head.Prefix != nil && i == 0:
			prefix = *head.Prefix
		default:
			return "", nil, fmt.Errorf("entry %d is neither a file's name nor, in the first place, a prefix", i+1)
		}
	}
	return prefix, list, nil
}

// batched makes the row of one answer.
func (l *Loader) batched(ctx context.Context, r *result, answer, picture string, inputs []string) {
	body, err := l.fetch(ctx, answer)
	if err != nil {
		r.problem(BadRecord, CodeObject, answer, err)
		return
	}
	r.ok, r.bytes = true, int64(len(body))
	scores, err := capture.ParseScores("", body)
	if err == nil {
		err = probabilities(scores)
	}
	if err != nil {
		r.row.fail(codeOf(err))
		r.problem(BadAnswer, codeOf(err), answer, err)
	} else {
		r.row.answer(scores, l.o.Labels)
	}
	r.outside = l.bounded() && !l.within(r.row.Time)
	before := len(r.problems)
	for _, prefix := range inputs { // where several jobs ran in an hour, the one that has the picture
		r.problems = r.problems[:before]
		r.row.Place = Place{File: prefix + picture}
		if l.lookUp(ctx, r); len(r.problems) == before {
			return
		}
	}
}

func (l *Loader) fetch(ctx context.Context, name string) ([]byte, error) {
	stream, err := openAddress(ctx, name, l.o.Fetch)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	body, err := io.ReadAll(io.LimitReader(stream, answerMost+1))
	if err == nil && len(body) > answerMost {
		err = fmt.Errorf("the answer has more than %d bytes, the limit", answerMost)
	}
	return body, err
}
