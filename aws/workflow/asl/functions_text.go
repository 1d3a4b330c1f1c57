package asl

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// short returns a text argument within the limit that the encoding functions have.
func short(args []any) (string, error) {
	s, err := argument[string](args, 0, "a string")
	if err == nil && len(s) > maxText {
		err = fmt.Errorf("the text has %d characters, at most %d are taken", len(s), maxText)
	}
	return s, err
}

func base64Encode(args []any) (any, error) {
	s, err := short(args)
	return base64.StdEncoding.EncodeToString([]byte(s)), err
}

func base64Decode(args []any) (any, error) {
	s, err := short(args)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(s)
	return string(data), err
}

// format puts its arguments where the template has {}.
func format(args []any) (any, error) {
	pattern, err := argument[string](args, 0, "a string")
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	next := 1
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern) && strings.IndexByte(`{}\'`, pattern[i+1]) >= 0:
			i++
			out.WriteByte(pattern[i])
		case strings.HasPrefix(pattern[i:], "{}"):
			if next == len(args) {
				return nil, fmt.Errorf("%q has more {} than arguments", pattern)
			}
			if s, ok := args[next].(string); ok {
				out.WriteString(s)
			} else {
				out.WriteString(text(args[next]))
			}
			next++
			i++
		default:
			out.WriteByte(pattern[i])
		}
	}
	if next != len(args) {
		return nil, fmt.Errorf("%q has %d {} for %d arguments", pattern, next-1, len(args)-1)
	}
	return out.String(), nil
}

func hashOf(args []any) (any, error) {
	if _, isText := args[0].(string); !isText {
		args = []any{text(args[0]), args[1]}
	}
	data, err := short(args)
	if err != nil {
		return nil, err
	}
	name, _ := args[1].(string)
	makers := map[string]func() hash.Hash{
		"MD5": md5.New, "SHA-1": sha1.New, "SHA-256": sha256.New, "SHA-384": sha512.New384, "SHA-512": sha512.New,
	}
	maker, ok := makers[name]
	if !ok {
		return nil, fmt.Errorf("algorithm %s: one of MD5, SHA-1, SHA-256, SHA-384, SHA-512", text(args[1]))
	}
	h := maker()
	h.Write([]byte(data))
	return hex.EncodeToString(h.Sum(nil)), nil
}

// stringSplit splits at each of the delimiter's characters; empty parts are left out.
func stringSplit(args []any) (any, error) {
	s, err := argument[string](args, 0, "a string")
	if err != nil {
		return nil, err
	}
	delimiters, err := argument[string](args, 1, "a string")
	if err != nil {
		return nil, err
	}
	parts := []any{}
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(delimiters, r) }) {
		parts = append(parts, part)
	}
	return parts, nil
}

func stringToJSON(args []any) (any, error) {
	s, err := argument[string](args, 0, "a string")
	if err != nil {
		return nil, err
	}
	return Decode([]byte(s))
}

// newUUID returns a random UUID, version 4.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // which never fails, it ends the process instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
