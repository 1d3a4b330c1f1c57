package awstest

import (
	"bytes"
	"errors"
	"net/textproto"
	"strconv"
	"strings"
)

// unchunk takes a body apart that the client sent in chunks of its own with checksums behind it.
func (c *call) unchunk() error {
	if !strings.HasPrefix(c.request.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return nil
	}
	broken := errors.New("the chunks of the body are broken")
	var whole []byte
	rest := c.body
	for {
		line, after, ok := bytes.Cut(rest, []byte("\r\n"))
		if !ok {
			return broken
		}
		size, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseUint(size, 16, 31)
		if err != nil || int(n) > len(after) {
			return broken
		}
		if n == 0 {
			rest = after
			break
		}
		whole = append(whole, after[:n]...)
		rest, ok = bytes.CutPrefix(after[n:], []byte("\r\n"))
		if !ok {
			return broken
		}
	}
	for line := range strings.Lines(string(rest)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			c.request.Header.Set(textproto.CanonicalMIMEHeaderKey(name), strings.TrimSpace(value))
		}
	}
	if want := c.request.Header.Get("X-Amz-Decoded-Content-Length"); want != "" && want != strconv.Itoa(len(whole)) {
		return broken
	}
	c.body = whole
	return nil
}
