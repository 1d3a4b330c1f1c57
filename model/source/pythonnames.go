package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxNamesBytes bounds the text of a name table before it is read.
const maxNamesBytes = 16 << 20

// parseNames reads a table of class names as Python prints it: a dict from the indices 0 to n−1, in any order, to strings, or a list
// or tuple of strings. Strings may be quoted by ' or " and hold the escapes that Python's repr writes. Nothing else of Python is
// understood, and nothing is executed.
func parseNames(text string) ([]string, error) {
	if len(text) > maxNamesBytes {
		return nil, fmt.Errorf("%d bytes, at most %d are read", len(text), maxNamesBytes)
	}
	p := &names{text: text}
	var labels []string
	var err error
	switch {
	case p.take("{"):
		labels, err = p.dict()
	case p.take("["):
		labels, err = p.list("]")
	case p.take("("):
		labels, err = p.list(")")
	default:
		err = errors.New("neither a dict nor a list")
	}
	if err == nil && p.rest() != "" {
		err = errors.New("more text follows the table")
	}
	if err != nil {
		return nil, fmt.Errorf("at byte %d: %w", p.at, err)
	}
	return labels, nil
}

// names is a position in the text.
type names struct {
	text string
	at   int
}

// rest skips white space and gives what is left.
func (p *names) rest() string {
	left := p.text[p.at:]
	trimmed := strings.TrimLeft(left, " \t\r\n")
	p.at += len(left) - len(trimmed)
	return trimmed
}

// take skips token if it comes next.
func (p *names) take(token string) bool {
	if !strings.HasPrefix(p.rest(), token) {
		return false
	}
	p.at += len(token)
	return true
}

// dict reads the entries behind {.
func (p *names) dict() ([]string, error) {
	byIndex := map[int]string{}
	for !p.take("}") {
		index, err := p.index()
		if err != nil {
			return nil, err
		}
		if _, twice := byIndex[index]; twice {
			return nil, fmt.Errorf("class %d has two names", index)
		}
		if !p.take(":") {
			return nil, fmt.Errorf("no : after %d", index)
		}
		if byIndex[index], err = p.str(); err != nil {
			return nil, err
		}
		if !p.take(",") && !strings.HasPrefix(p.rest(), "}") {
			return nil, errors.New("neither , nor } after a name")
		}
	}
	labels := make([]string, len(byIndex))
	for i := range labels {
		name, ok := byIndex[i]
		if !ok {
			return nil, fmt.Errorf("%d names and none for class %d", len(byIndex), i)
		}
		labels[i] = name
	}
	return labels, nil
}

// list reads the entries before the closing bracket.
func (p *names) list(end string) ([]string, error) {
	var labels []string
	for !p.take(end) {
		name, err := p.str()
		if err != nil {
			return nil, err
		}
		labels = append(labels, name)
		if !p.take(",") && !strings.HasPrefix(p.rest(), end) {
			return nil, fmt.Errorf("neither , nor %s after a name", end)
		}
	}
	return labels, nil
}

// index reads a class index.
func (p *names) index() (int, error) {
	rest := p.rest()
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	n, err := strconv.Atoi(rest[:digits])
	if err != nil {
		return 0, errors.New("no class index")
	}
	p.at += digits
	return n, nil
}

// str reads a quoted string.
func (p *names) str() (string, error) {
	rest := p.rest()
	if rest == "" || rest[0] != '\'' && rest[0] != '"' {
		return "", errors.New("no quoted name")
	}
	quote := rest[0]
	var name strings.Builder
	for i := 1; i < len(rest); {
		switch c := rest[i]; c {
		case quote:
			p.at += i + 1
			if !utf8.ValidString(name.String()) {
				return "", errors.New("a name that is no UTF-8 text")
			}
			return name.String(), nil
		case '\n':
			return "", errors.New("a line ends inside a name")
		case '\\':
			r, n, err := escape(rest[i+1:])
			if err != nil {
				return "", err
			}
			name.WriteRune(r)
			i += 1 + n
		default:
			name.WriteByte(c)
			i++
		}
	}
	return "", errors.New("a name without end")
}

// escape reads what follows a backslash and tells its length.
func escape(s string) (r rune, n int, err error) {
	if s == "" {
		return 0, 0, errors.New("a name without end")
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	if digits == 0 {
		if i := strings.IndexByte(`\'"ntr`, s[0]); i >= 0 {
			return rune("\\'\"\n\t\r"[i]), 1, nil
		}
		return 0, 0, fmt.Errorf("escape \\%.1q is not understood", s)
	}
	if len(s) <= digits {
		return 0, 0, errors.New("an escape without end")
	}
	code, err := strconv.ParseUint(s[1:1+digits], 16, 32)
	if err != nil || !utf8.ValidRune(rune(code)) || code > utf8.MaxRune {
		return 0, 0, fmt.Errorf("escape \\%s is no character", s[:1+digits])
	}
	return rune(code), 1 + digits, nil
}
