package jsonata

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A token is one word of an expression.
type token struct {
	kind tokenKind
	text string // of an operator; the value of a name, a variable, a string or a number
	at   int
}

type tokenKind int

const (
	endToken tokenKind = iota
	operatorToken
	nameToken
	variableToken
	stringToken
	numberToken
)

// operators, the longer ones first.
var operators = []string{"..", ":=", "!=", ">=", "<=", "**", "~>", "??", "?:", ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<", ">", "^", "&"}

const spaces = " \t\n\r\v"

// lex reads the token at a position, and says where the next one begins.
func lex(source string, at int) (token, int, error) {
	for at < len(source) {
		if strings.IndexByte(spaces, source[at]) >= 0 {
			at++
			continue
		}
		if strings.HasPrefix(source[at:], "/*") {
			end := strings.Index(source[at+2:], "*/")
			if end < 0 {
				return token{}, 0, fmt.Errorf("at %d: the comment does not end", at+1)
			}
			at += end + 4
			continue
		}
		break
	}
	if at >= len(source) {
		return token{at: at}, at, nil
	}
	rest := source[at:]
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		return lexString(source, at)
	case c == '`':
		end := strings.IndexByte(rest[1:], '`')
		if end < 0 {
			return token{}, 0, fmt.Errorf("at %d: the name does not end", at+1)
		}
		return token{nameToken, rest[1 : 1+end], at}, at + end + 2, nil
	case c >= '0' && c <= '9':
		return lexNumber(source, at)
	}
	for _, operator := range operators {
		if strings.HasPrefix(rest, operator) {
			return token{operatorToken, operator, at}, at + len(operator), nil
		}
	}
	n := 0
	for n < len(rest) && strings.IndexByte(spaces, rest[n]) < 0 && !startsOperator(rest[n:]) {
		n++
	}
	word := rest[:n]
	switch {
	case n == 0:
		return token{}, 0, fmt.Errorf("at %d: %q is not understood", at+1, rest[:1])
	case word[0] == '$':
		return token{variableToken, word[1:], at}, at + n, nil
	case word == "and" || word == "or" || word == "in":
		return token{operatorToken, word, at}, at + n, nil
	}
	return token{nameToken, word, at}, at + n, nil
}

func startsOperator(rest string) bool {
	if rest[0] == '!' {
		return strings.HasPrefix(rest, "!=")
	}
	return strings.IndexByte(".[]{}(),@#;:?+-*/%|=<>^&~", rest[0]) >= 0 && (rest[0] != '~' || strings.HasPrefix(rest, "~>"))
}

func lexString(source string, at int) (token, int, error) {
	quote := source[at]
	var out []uint16
	for i := at + 1; i < len(source); {
		c := source[i]
		if c == quote {
			return token{stringToken, string(utf16.Decode(out)), at}, i + 1, nil
		}
		if c != '\\' {
			r, size := utf8.DecodeRuneInString(source[i:])
			out = utf16.AppendRune(out, r)
			i += size
			continue
		}
		if i+1 >= len(source) {
			break
		}
		escaped := source[i+1]
		if escaped == 'u' {
			if i+6 > len(source) {
				break
			}
			unit, err := strconv.ParseUint(source[i+2:i+6], 16, 16)
			if err != nil {
				return token{}, 0, fmt.Errorf("at %d: \\u wants four hexadecimal digits", i+1)
			}
			out = append(out, uint16(unit))
			i += 6
			continue
		}
		plain := strings.IndexByte(`"\/bfnrt`, escaped)
		if plain < 0 {
			return token{}, 0, fmt.Errorf("at %d: unknown escape \\%c", i+1, escaped)
		}
		out = append(out, uint16("\"\\/\b\f\n\r\t"[plain]))
		i += 2
	}
	return token{}, 0, fmt.Errorf("at %d: the string does not end", at+1)
}

func lexNumber(source string, at int) (token, int, error) {
	end := at
	digits := func() bool {
		from := end
		for end < len(source) && source[end] >= '0' && source[end] <= '9' {
			end++
		}
		return end > from
	}
	digits()
	if source[at] == '0' {
		end = at + 1
	}
	if end+1 < len(source) && source[end] == '.' && source[end+1] >= '0' && source[end+1] <= '9' { // 1..2 is a range
		end++
		digits()
	}
	if end < len(source) && (source[end] == 'e' || source[end] == 'E') {
		mark := end
		end++
		if end < len(source) && (source[end] == '+' || source[end] == '-') {
			end++
		}
		if !digits() {
			end = mark
		}
	}
	if _, err := strconv.ParseFloat(source[at:end], 64); err != nil {
		return token{}, 0, fmt.Errorf("at %d: the number %s is out of range", at+1, source[at:end])
	}
	return token{numberToken, source[at:end], at}, end, nil
}
