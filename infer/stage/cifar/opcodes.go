package cifar

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
)

// step executes one opcode other than the last. The opcodes are those of CPython's Lib/pickletools.py, under their names there.
func (m *machine) step(op byte) error {
	if size, ok := stringSize[op]; ok { // BINSTRING, BINUNICODE, BINBYTES, BYTEARRAY8 and their short and long forms
		b, err := m.counted(size)
		if err != nil {
			return err
		}
		return m.push(b)
	}
	if size, ok := intSize[op]; ok { // BININT, BININT1, BININT2
		n, err := m.number(size)
		if err != nil {
			return err
		}
		if op == 'J' {
			return m.push(int64(int32(n)))
		}
		return m.push(int64(n))
	}
	switch op {
	case 0x80, 0x95: // PROTO, FRAME: nothing depends on them
		size := uint64(1)
		if op == 0x95 {
			size = 8
		}
		_, err := m.take(size)
		return err
	case '(':
		return m.push(mark{})
	case 'N':
		return m.push(none{})
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		return m.push(op == 0x88)
	case '0': // POP
		_, err := m.pop()
		return err
	case '2': // DUP
		v, err := m.top()
		if err != nil {
			return err
		}
		return m.push(v)
	case 'p', 'q', 'r', 0x94, 'g', 'h', 'j':
		return m.remember(op)
	case 'I', 'L', 'S', 'V', 0x8a, 0x8b:
		return m.literal(op)
	case ']', '}', ')', 'l', 'd', 't', 0x85, 0x86, 0x87:
		return m.container(op)
	case 'a', 'e', 's', 'u':
		return m.fill(op)
	case 'c', 0x93, 'R', 'b':
		return m.object(op)
	}
	return fmt.Errorf("opcode %q is not one that strings, numbers, lists and arrays need", op)
}

// stringSize is the size of the length of strings, intSize that of numbers, in bytes.
var (
	stringSize = map[byte]uint64{'U': 1, 'T': 4, 'X': 4, 'C': 1, 'B': 4, 0x8c: 1, 0x8d: 8, 0x8e: 8, 0x96: 8}
	intSize    = map[byte]uint64{'J': 4, 'K': 1, 'M': 2}
)

// remember is PUT, BINPUT, LONG_BINPUT, MEMOIZE, GET, BINGET and LONG_BINGET.
func (m *machine) remember(op byte) error {
	var at uint64
	var err error
	switch op {
	case 'p', 'g':
		at, err = m.lineNumber()
	case 'q', 'h':
		at, err = m.number(1)
	case 'r', 'j':
		at, err = m.number(4)
	case 0x94:
		at = uint64(len(m.memo))
	}
	switch {
	case err != nil:
		return err
	case op == 'g' || op == 'h' || op == 'j':
		return m.get(at)
	}
	return m.put(at)
}

// literal is INT, LONG, STRING, UNICODE, LONG1 and LONG4.
func (m *machine) literal(op byte) error {
	if op == 0x8a || op == 0x8b {
		size := uint64(1)
		if op == 0x8b {
			size = 4
		}
		b, err := m.counted(size)
		if err != nil {
			return err
		}
		if len(b) > 8 {
			return fmt.Errorf("a number of %d bytes", len(b))
		}
		var full [8]byte
		if len(b) > 0 && b[len(b)-1] >= 0x80 {
			full = [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
		}
		copy(full[:], b)
		return m.push(int64(binary.LittleEndian.Uint64(full[:])))
	}
	text, err := m.line()
	if err != nil {
		return err
	}
	switch op {
	case 'S':
		b, err := unquote(text)
		if err != nil {
			return err
		}
		return m.push(b)
	case 'V':
		b, err := unescapeUnicode(text)
		if err != nil {
			return err
		}
		return m.push(b)
	}
	if op == 'I' && (string(text) == "00" || string(text) == "01") { // how protocol 0 writes a bool
		return m.push(text[1] == '1')
	}
	if op == 'L' {
		text = bytes.TrimSuffix(text, []byte("L"))
	}
	n, err := strconv.ParseInt(string(text[:min(len(text), 32)]), 10, 64)
	if err != nil {
		return fmt.Errorf("%.32q is no number", text)
	}
	return m.push(n)
}

// container is EMPTY_LIST, EMPTY_DICT, EMPTY_TUPLE, LIST, DICT, TUPLE and TUPLE1 to TUPLE3.
func (m *machine) container(op byte) error {
	var values []any
	var err error
	switch op {
	case 'l', 'd', 't':
		values, err = m.popMark()
	case 0x85, 0x86, 0x87:
		values = make([]any, op-0x84)
		for i := len(values) - 1; i >= 0 && err == nil; i-- {
			values[i], err = m.pop()
		}
	}
	if err != nil {
		return err
	}
	switch op {
	case ']', 'l':
		return m.push(&list{values})
	case '}', 'd':
		d := &dict{}
		if err := d.add(values); err != nil {
			return err
		}
		return m.push(d)
	}
	return m.push(tuple(values))
}

// fill is APPEND, APPENDS, SETITEM and SETITEMS.
func (m *machine) fill(op byte) error {
	var values []any
	var err error
	switch op {
	case 'a':
		values = make([]any, 1)
	case 's':
		values = make([]any, 2)
	default:
		values, err = m.popMark()
	}
	if op == 'a' || op == 's' {
		for i := len(values) - 1; i >= 0 && err == nil; i-- {
			values[i], err = m.pop()
		}
	}
	if err != nil {
		return err
	}
	into, err := m.top()
	if err != nil {
		return err
	}
	switch into := into.(type) {
	case *list:
		if op == 'a' || op == 'e' {
			into.items = append(into.items, values...)
			return nil
		}
	case *dict:
		if op == 's' || op == 'u' {
			return into.add(values)
		}
	}
	return fmt.Errorf("opcode %q finds a %s", op, kindOf(into))
}

func (d *dict) add(pairs []any) error {
	if len(pairs)%2 != 0 {
		return fmt.Errorf("a key of a dictionary has no value")
	}
	for i := 0; i < len(pairs); i += 2 {
		d.keys, d.values = append(d.keys, pairs[i]), append(d.values, pairs[i+1])
	}
	return nil
}
