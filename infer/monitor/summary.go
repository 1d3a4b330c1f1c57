package monitor

import (
	"cmp"
	"slices"
	"time"
)

// A Kind says what a cause concerns.
type Kind string

// The kinds.
const (
	BadFile    Kind = "file"    // could not be opened or read to its end
	BadRecord  Kind = "record"  // gives no row
	BadAnswer  Kind = "answer"  // gives a row with an error
	BadPicture Kind = "picture" // gives a row without picture statistics
)

// A Cause counts what went wrong in one way.
type Cause struct {
	Kind  Kind   `json:"kind"`
	Code  string `json:"code"` // stable: of packages capture and preprocess, or a state machine's error name
	Count int    `json:"count"`
	// First is where it occurred first, Text what was said there.
	First string `json:"first"`
	Text  string `json:"text"`
}

// A Summary says what was read.
type Summary struct {
	Files      int     `json:"files"`      // opened
	Bytes      int64   `json:"bytes"`      // read of them
	Records    int     `json:"records"`    // lines and answers found, good or not
	Rows       int     `json:"rows"`       // that came of them
	Duplicates int     `json:"duplicates"` // records whose event id was there before
	Outside    int     `json:"outside"`    // records outside --from and --to
	Pictures   int     `json:"pictures"`   // rows with picture statistics
	Causes     []Cause `json:"causes"`     // most frequent first
	// Earliest and Latest time of the rows; zero where none has a time.
	Earliest time.Time     `json:"earliest,omitzero"`
	Latest   time.Time     `json:"latest,omitzero"`
	Elapsed  time.Duration `json:"-"`
}

// maxCauses bounds how many are told apart; a state machine can make up any number of names. OtherCode is all that comes later.
const (
	maxCauses = 100
	OtherCode = "other"
)

type causeKey struct {
	kind Kind
	code string
}

// causes counts.
type causes map[causeKey]*Cause

func (c causes) add(p problem) {
	key := causeKey{p.kind, p.code}
	if c[key] == nil && len(c) >= maxCauses {
		key.code = OtherCode
	}
	if c[key] == nil {
		c[key] = &Cause{Kind: key.kind, Code: key.code, First: p.at, Text: brief(p.text)}
	}
	c[key].Count++
}

func (c causes) list() []Cause {
	list := make([]Cause, 0, len(c))
	for _, cause := range c {
		list = append(list, *cause)
	}
	slices.SortFunc(list, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code))
	})
	return list
}

// A problem is one occurrence of a cause.
type problem struct {
	kind     Kind
	code, at string
	text     string
}

// brief is the beginning of a text, without control characters.
func brief(text string) string {
	const most = 200
	runes := []rune(text)
	if len(runes) > most {
		runes = append(runes[:most-1:most-1], '…')
	}
	for i, r := range runes {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			runes[i] = ' '
		}
	}
	return string(runes)
}
