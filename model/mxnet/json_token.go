package mxnet

import (
	"encoding/json"
	"fmt"
)

// object calls visit for each key of the object that comes next; visit reads the value. A null has no keys.
func (r *symbolReader) object(visit func(key string) error) error {
	open, err := r.open('{')
	if err != nil || !open {
		return err
	}
	for r.dec.More() {
		key, err := r.dec.Token()
		if err != nil {
			return err
		}
		text, ok := key.(string)
		if !ok {
			return fmt.Errorf("got %v, want a key", key)
		}
		if err := visit(text); err != nil {
			return err
		}
	}
	_, err = r.dec.Token()
	return err
}

// list calls visit for each element of the list that comes next; visit reads it. A null has no elements.
func (r *symbolReader) list(visit func() error) error {
	open, err := r.open('[')
	if err != nil || !open {
		return err
	}
	for r.dec.More() {
		if err := visit(); err != nil {
			return err
		}
	}
	_, err = r.dec.Token()
	return err
}

func (r *symbolReader) open(want json.Delim) (bool, error) {
	token, err := r.dec.Token()
	if err != nil || token == nil {
		return false, err
	}
	if token != want {
		return false, fmt.Errorf("got %.50q, want %q", fmt.Sprint(token), want.String())
	}
	return true, nil
}

// text reads a string, a number or a truth value as text.
func (r *symbolReader) text() (string, error) {
	token, err := r.dec.Token()
	if err != nil {
		return "", err
	}
	switch v := token.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return fmt.Sprint(v), nil
	case nil:
		return "None", nil // as MXNet writes an absent value
	}
	return "", fmt.Errorf("got %v, want a text", token)
}

// skip passes over a value of any kind.
func (r *symbolReader) skip() error {
	for depth := 0; ; {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
