package cifar

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// unquote reads a string as Python 2's repr writes it, with either quote and its escapes.
func unquote(text []byte) (blob, error) {
	if len(text) < 2 || text[0] != '\'' && text[0] != '"' || text[len(text)-1] != text[0] {
		return nil, errors.New("a string has no quotes")
	}
	text = text[1 : len(text)-1]
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		i++
		if i == len(text) {
			return nil, errors.New("a string ends within an escape")
		}
		switch text[i] {
		case '\\', '\'', '"':
			out = append(out, text[i])
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'x':
			if i+2 >= len(text) {
				return nil, errors.New("a string ends within an escape")
			}
			n, err := strconv.ParseUint(string(text[i+1:i+3]), 16, 8)
			if err != nil {
				return nil, fmt.Errorf("an escape has the digits %q", text[i+1:i+3])
			}
			out = append(out, byte(n))
			i += 2
		default:
			return nil, fmt.Errorf("a string has the escape \\%c", text[i])
		}
	}
	return out, nil
}

// unescapeUnicode reads a string in Python's raw-unicode-escape and returns it in UTF-8.
func unescapeUnicode(text []byte) (blob, error) {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		digits := 0
		if text[i] == '\\' && i+1 < len(text) {
			switch text[i+1] {
			case 'u':
				digits = 4
			case 'U':
				digits = 8
			}
		}
		if digits == 0 {
			out = utf8.AppendRune(out, rune(text[i])) // Latin-1
			continue
		}
		if i+2+digits > len(text) {
			return nil, errors.New("a string ends within an escape")
		}
		n, err := strconv.ParseUint(string(text[i+2:i+2+digits]), 16, 32)
		if err != nil || n > utf8.MaxRune {
			return nil, fmt.Errorf("an escape has the digits %q", text[i+2:i+2+digits])
		}
		out = utf8.AppendRune(out, rune(n))
		i += 1 + digits
	}
	return out, nil
}

// latin1 turns the UTF-8 of characters below 256 into a byte each: how protocols 0 to 2 of Python 3 write bytes.
func latin1(text blob) (blob, error) {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r > 0xff {
			return nil, fmt.Errorf("character %U is no byte", r)
		}
		out = append(out, byte(r))
		text = text[size:]
	}
	return out, nil
}
