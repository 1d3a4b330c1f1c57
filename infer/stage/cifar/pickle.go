package cifar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// ErrPickle is wrapped by every error of a pickle that is not what CIFAR-100's archive holds.
var ErrPickle = errors.New("not a pickle of CIFAR-100's shape")

// maxValues bounds the values of one pickle. The training set's makes 250,000.
const maxValues = 2_000_000

// The values that a pickle may make. Nothing of them runs: a global is a name, and a call is one of the four in calls.go.
type (
	blob   []byte // a string, of either kind; a slice of the input wherever it can be
	list   struct{ items []any }
	tuple  []any
	dict   struct{ keys, values []any }
	global string
	mark   struct{}
	none   struct{}
)

// A machine reads one pickle, protocols 0 to 5 as Python 2 and 3 write them. It knows the opcodes that strings, numbers, containers and
// NumPy arrays need, and takes memory in proportion to the input: what is repeated is a reference.
type machine struct {
	data   []byte
	at     int
	stack  []any
	memo   map[uint32]any
	values int
}

// unpickle returns the one value of a pickle.
func unpickle(data []byte) (any, error) {
	m := &machine{data: data, memo: map[uint32]any{}}
	for {
		at := m.at
		op, err := m.take(1)
		var v any
		switch {
		case err != nil:
		case op[0] == '.':
			v, err = m.pop()
		default:
			err = m.step(op[0])
		}
		if err != nil {
			return nil, fmt.Errorf("%w: byte %d: %w", ErrPickle, at, err)
		}
		if v != nil {
			return v, nil
		}
	}
}

var errShort = errors.New("the data ends too early")

// take returns the next n bytes.
func (m *machine) take(n uint64) (blob, error) {
	if n > uint64(len(m.data)-m.at) {
		return nil, errShort
	}
	out := m.data[m.at : m.at+int(n) : m.at+int(n)]
	m.at += int(n)
	return out, nil
}

// line returns the bytes up to the next line feed.
func (m *machine) line() (blob, error) {
	end := bytes.IndexByte(m.data[m.at:], '\n')
	if end < 0 {
		return nil, errShort
	}
	out := m.data[m.at : m.at+end]
	m.at += end + 1
	return out, nil
}

// number reads a little-endian number of so many bytes.
func (m *machine) number(size uint64) (uint64, error) {
	b, err := m.take(size)
	if err != nil {
		return 0, err
	}
	var full [8]byte
	copy(full[:], b)
	return binary.LittleEndian.Uint64(full[:]), nil
}

// counted reads bytes behind their length, which takes so many bytes itself.
func (m *machine) counted(size uint64) (blob, error) {
	n, err := m.number(size)
	if err != nil {
		return nil, err
	}
	return m.take(n)
}

func (m *machine) push(v any) error {
	if m.values++; m.values > maxValues {
		return fmt.Errorf("it has more than %d values", maxValues)
	}
	m.stack = append(m.stack, v)
	return nil
}

func (m *machine) pop() (any, error) {
	v, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v, err
}

func (m *machine) top() (any, error) {
	if len(m.stack) == 0 {
		return nil, errors.New("a value is missing")
	}
	v := m.stack[len(m.stack)-1]
	if v == (mark{}) {
		return nil, errors.New("a value is missing before a mark")
	}
	return v, nil
}

// popMark returns the values behind the last mark and removes both.
func (m *machine) popMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if m.stack[i] == (mark{}) {
			values := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return values, nil
		}
	}
	return nil, errors.New("there is no mark")
}

// put remembers the top of the stack.
func (m *machine) put(at uint64) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	if at > math.MaxUint32 || len(m.memo) >= maxValues {
		return errors.New("it remembers too much")
	}
	m.memo[uint32(at)] = v
	return nil
}

func (m *machine) get(at uint64) error {
	v, ok := m.memo[uint32(min(at, math.MaxUint32))]
	if !ok {
		return fmt.Errorf("value %d was not remembered", at)
	}
	return m.push(v)
}

// lineNumber reads a decimal number that ends its line.
func (m *machine) lineNumber() (uint64, error) {
	text, err := m.line()
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(string(text[:min(len(text), 20)]), 10, 32)
}
