package cifar

import (
	"errors"
	"fmt"
)

// An array is NumPy's, of bytes, rows first.
type array struct {
	shape []int64
	data  blob
	built bool
}

// A dtype is a NumPy type; only that of unsigned bytes is of use here.
type dtype struct{ name string }

// object is GLOBAL, STACK_GLOBAL, REDUCE and BUILD. Calls are limited to those that make an array or bytes.
func (m *machine) object(op byte) error {
	switch op {
	case 'c':
		module, err := m.line()
		if err != nil {
			return err
		}
		name, err := m.line()
		if err != nil {
			return err
		}
		return m.name(module, name)
	case 0x93:
		name, err := m.pop()
		if err != nil {
			return err
		}
		module, err := m.pop()
		if err != nil {
			return err
		}
		return m.name(module, name)
	}
	argument, err := m.pop()
	if err != nil {
		return err
	}
	on, err := m.pop()
	if err != nil {
		return err
	}
	var v any
	if op == 'R' {
		v, err = call(on, argument)
	} else {
		v, err = build(on, argument)
	}
	if err != nil {
		return err
	}
	return m.push(v)
}

// The names that a pickle of arrays has. NumPy 2 moved its core.
var names = map[string]global{
	"numpy.ndarray": "ndarray", "numpy.dtype": "dtype", "_codecs.encode": "encode", "__builtin__.bytes": "bytes", "builtins.bytes": "bytes",
	"numpy.core.multiarray._reconstruct": "reconstruct", "numpy._core.multiarray._reconstruct": "reconstruct",
	"numpy.core.numeric._frombuffer": "frombuffer", "numpy._core.numeric._frombuffer": "frombuffer",
	"__builtin__.bytearray": "bytearray", "builtins.bytearray": "bytearray",
}

func (m *machine) name(module, name any) error {
	a, okA := module.(blob)
	b, okB := name.(blob)
	if !okA || !okB {
		return errors.New("a name is no string")
	}
	full := string(a[:min(len(a), 100)]) + "." + string(b[:min(len(b), 100)])
	short, ok := names[full]
	if !ok {
		return fmt.Errorf("it asks for %q; only arrays and strings are read, and nothing is run", full)
	}
	return m.push(short)
}

// call makes what the callables of arrays make.
func call(on, argument any) (any, error) {
	name, ok := on.(global)
	args, okArgs := argument.(tuple)
	if !ok || !okArgs {
		return nil, fmt.Errorf("it calls a %s with a %s", kindOf(on), kindOf(argument))
	}
	switch {
	case name == "reconstruct" && len(args) == 3 && args[0] == global("ndarray"):
		return &array{}, nil
	case name == "dtype" && len(args) >= 1:
		if text, ok := args[0].(blob); ok {
			return &dtype{string(text[:min(len(text), 20)])}, nil
		}
	case name == "encode" && len(args) == 2:
		text, ok := args[0].(blob)
		if encoding, isText := args[1].(blob); ok && isText && string(encoding) == "latin1" {
			return latin1(text)
		}
	case (name == "bytes" || name == "bytearray") && len(args) == 0:
		return blob{}, nil
	case (name == "bytes" || name == "bytearray") && len(args) == 1:
		if b, ok := args[0].(blob); ok {
			return b, nil
		}
	case name == "frombuffer" && len(args) == 4:
		a := &array{}
		order, ok := args[3].(blob)
		if !ok || string(order) != "C" {
			return nil, errors.New("an array is not in C's order")
		}
		return a, a.fill(args[2], args[1], args[0])
	}
	return nil, fmt.Errorf("it calls %s in a way that makes no array", name)
}

// build sets the state of an array or a type.
func build(on, state any) (any, error) {
	values, ok := state.(tuple)
	switch on := on.(type) {
	case *dtype: // version, byte order and what structures have: nothing that bytes need
		return on, nil
	case *array: // version, shape, type, Fortran's order, data
		if !ok || len(values) != 5 || on.built {
			return nil, errors.New("an array's state is not NumPy's")
		}
		if values[3] != false && values[3] != int64(0) {
			return nil, errors.New("an array is in Fortran's order")
		}
		return on, on.fill(values[1], values[2], values[4])
	}
	return nil, fmt.Errorf("it sets the state of a %s", kindOf(on))
}

// fill checks that shape, type and data fit each other.
func (a *array) fill(shape, of, data any) error {
	dims, okShape := shape.(tuple)
	t, okType := of.(*dtype)
	bytes, okData := data.(blob)
	if !okShape || !okType || !okData || len(dims) > 32 {
		return errors.New("an array lacks its shape, its type or its data")
	}
	if t.name != "u1" && t.name != "|u1" && t.name != "uint8" {
		return fmt.Errorf("an array holds %q, want unsigned bytes", t.name)
	}
	size := int64(1)
	for _, d := range dims {
		n, ok := d.(int64)
		if !ok || n < 0 || n > 1<<31 || n > 0 && size > 1<<31/n {
			return errors.New("an array's shape is no list of sizes")
		}
		size *= n
		a.shape = append(a.shape, n)
	}
	if size != int64(len(bytes)) {
		return fmt.Errorf("an array of shape %d has %d bytes", a.shape, len(bytes))
	}
	a.data, a.built = bytes, true
	return nil
}

// kindOf names a value's kind for an error.
func kindOf(v any) string {
	switch v.(type) {
	case blob:
		return "string"
	case *list:
		return "list"
	case tuple:
		return "tuple"
	case *dict:
		return "dictionary"
	case *array:
		return "array"
	case *dtype:
		return "type"
	case global:
		return "name"
	case int64:
		return "number"
	case bool:
		return "bool"
	}
	return "None"
}
