package cifar

import (
	"fmt"
	"unicode/utf8"
)

// maxName bounds the name of a file or class, in bytes.
const maxName = 200

// fromPickles reads the Python version: the dictionaries train, test and meta.
func fromPickles(members map[string][]byte) (*Archive, error) {
	a := &Archive{}
	for _, m := range []struct {
		name string
		read func(*dict) error
	}{
		{"meta", func(d *dict) error { return a.names(d) }},
		{"train", func(d *dict) error { return a.Train.pickled(d) }},
		{"test", func(d *dict) error { return a.Test.pickled(d) }},
	} {
		if members[m.name] == nil {
			return nil, fmt.Errorf("the member %q is missing", m.name)
		}
		v, err := unpickle(members[m.name])
		if err == nil {
			d, ok := v.(*dict)
			if !ok {
				err = fmt.Errorf("%w: it holds a %s, want a dictionary", ErrPickle, kindOf(v))
			} else {
				err = m.read(d)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("member %q: %w", m.name, err)
		}
	}
	return a, a.check()
}

// value of a key, which is a string of either kind.
func (d *dict) value(key string) (any, error) {
	for i, k := range d.keys {
		if b, ok := k.(blob); ok && string(b) == key {
			return d.values[i], nil
		}
	}
	return nil, fmt.Errorf("%w: the dictionary has no %q", ErrPickle, key)
}

func (d *dict) list(key string) (*list, error) {
	v, err := d.value(key)
	if err != nil {
		return nil, err
	}
	l, ok := v.(*list)
	if !ok {
		return nil, fmt.Errorf("%w: %q is a %s, want a list", ErrPickle, key, kindOf(v))
	}
	return l, nil
}

func (a *Archive) names(d *dict) error {
	for _, part := range []struct {
		key string
		to  *[]string
	}{{"fine_label_names", &a.Fine}, {"coarse_label_names", &a.Coarse}} {
		l, err := d.list(part.key)
		if err != nil {
			return err
		}
		if len(l.items) > 256 { // the binary version has a byte for a class
			return fmt.Errorf("%w: %q has %d names, at most 256 are read", ErrPickle, part.key, len(l.items))
		}
		for i, item := range l.items {
			name, err := text(item, part.key, i)
			if err != nil {
				return err
			}
			*part.to = append(*part.to, name)
		}
	}
	return nil
}

// text is an entry of a list of names.
func text(v any, key string, at int) (string, error) {
	b, ok := v.(blob)
	if !ok || len(b) == 0 || len(b) > maxName || !utf8.Valid(b) {
		return "", fmt.Errorf("%w: entry %d of %q is no name", ErrPickle, at, key)
	}
	return string(b), nil
}

// pickled fills a set: n × 3072 bytes, and three lists of n.
func (s *Set) pickled(d *dict) error {
	v, err := d.value("data")
	if err != nil {
		return err
	}
	data, ok := v.(*array)
	if !ok || len(data.shape) != 2 || data.shape[1] != pictureSize {
		return fmt.Errorf("%w: \"data\" is no array of %d bytes a row", ErrPickle, pictureSize)
	}
	n := int(data.shape[0])
	s.pix, s.Rows = data.data, make([]Row, n)
	for _, part := range []struct {
		key string
		set func(row *Row, v any, at int) error
	}{
		{"filenames", func(row *Row, v any, at int) (err error) { row.File, err = text(v, "filenames", at); return }},
		{"fine_labels", func(row *Row, v any, at int) (err error) { row.Fine, err = label(v, "fine_labels", at); return }},
		{"coarse_labels", func(row *Row, v any, at int) (err error) { row.Coarse, err = label(v, "coarse_labels", at); return }},
	} {
		l, err := d.list(part.key)
		if err != nil {
			return err
		}
		if len(l.items) != n {
			return fmt.Errorf("%w: %q has %d entries for %d pictures", ErrPickle, part.key, len(l.items), n)
		}
		for i, item := range l.items {
			if err := part.set(&s.Rows[i], item, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func label(v any, key string, at int) (int, error) {
	n, ok := v.(int64)
	if !ok || n < 0 || n > 255 {
		return 0, fmt.Errorf("%w: entry %d of %q is no class", ErrPickle, at, key)
	}
	return int(n), nil
}
