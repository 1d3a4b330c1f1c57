package serve

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A hostile makes bad requests, the same for the same seed: what scanners, fuzzers, smugglers and broken clients send, as bytes on a
// connection.
type hostile struct {
	random *rand.Rand
	files  [][]byte // pictures, good and broken
}

func newHostile(t testing.TB, seed uint64) *hostile {
	t.Helper()
	h := &hostile{random: rand.New(rand.NewPCG(seed, 7))}
	for _, folder := range []string{"images", "broken"} {
		names, err := filepath.Glob(filepath.Join("..", "..", "testdata", folder, "*"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no pictures in %s, %v", folder, err)
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil || !info.Mode().IsRegular() || info.Size() > 100_000 {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			h.files = append(h.files, data)
		}
	}
	return h
}

// request returns the next one and its kind.
func (h *hostile) request() (kind string, data []byte) {
	kinds := []struct {
		name string
		make func() []byte
	}{
		{"noise", h.noise}, {"line", h.line}, {"path", h.path}, {"header", h.header}, {"length", h.length}, {"chunks", h.chunks},
		{"smuggle", h.smuggle}, {"picture", h.picture}, {"type", h.contentType}, {"json", h.json}, {"binary", h.binary},
		{"runtime", h.runtime}, {"cut", h.cut}, {"pipeline", h.pipeline},
	}
	k := kinds[h.random.IntN(len(kinds))]
	return k.name, k.make()
}

func (h *hostile) pick(of ...string) string { return of[h.random.IntN(len(of))] }

func (h *hostile) bytes(most int) []byte {
	b := make([]byte, h.random.IntN(most))
	for i := range b {
		b[i] = byte(h.random.Uint32())
	}
	return b
}

// file is a picture, often with some of it changed, cut off or doubled.
func (h *hostile) file() []byte {
	data := bytes.Clone(h.files[h.random.IntN(len(h.files))])
	switch h.random.IntN(5) {
	case 0:
		for range 1 + h.random.IntN(20) {
			if len(data) > 0 {
				data[h.random.IntN(len(data))] = byte(h.random.Uint32())
			}
		}
	case 1:
		data = data[:h.random.IntN(len(data)+1)]
	case 2:
		data = append(data, h.bytes(1000)...)
	case 3: // the head is where sizes are
		for range 1 + h.random.IntN(4) {
			if n := min(len(data), 64); n > 0 {
				data[h.random.IntN(n)] = byte(h.random.Uint32())
			}
		}
	}
	return data
}

// post is a whole request.
func post(path string, body []byte, headers ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n", path, len(body))
	for _, header := range headers {
		b.WriteString(header + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

const inferPath = "/v2/models/shade/infer"

func (h *hostile) anyPath() string {
	return h.pick("/invocations", "/endpoints/scones/invocations", inferPath, "/v2/models/shade/versions/1/infer", "/ping", "/metrics")
}

func (h *hostile) noise() []byte {
	if h.random.IntN(2) == 0 {
		return []byte(h.pick("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET /\r\n\r\n", "\r\n\r\n\r\n", "\x00\x00\x00\x00\r\n\r\n", "SSH-2.0-scan\r\n"))
	}
	return append(h.bytes(2000), "\r\n\r\n"...)
}

func (h *hostile) line() []byte {
	method := h.pick("GET", "TRACE", "CONNECT", "OPTIONS", "get", "G\x00T", "DELETE", "PATCH", strings.Repeat("A", 5000), "POST", "")
	version := h.pick("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1 x", "http/1.1", "HTTP/", "")
	return fmt.Appendf(nil, "%s %s %s\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", method, h.anyPath(), version)
}

func (h *hostile) path() []byte {
	path := h.pick("/../../etc/passwd", "//invocations", "/invocations/../metrics", "/%2e%2e/%2e%2e/etc/passwd", "/%00", "/invocations%00", "/"+strings.Repeat("a/", 8000),
		"http://evil.example/invocations", "*", "/?"+strings.Repeat("a=b&", 9000), "/v2/models/%2F%2E%2E/infer", "/v2/models//infer", "/endpoints//invocations",
		"/endpoints/%0d%0aX-Evil:%201/invocations", "/endpoints/scones%2Finvocations", "/v2/models/"+strings.Repeat("m", 9000)+"/infer", "/<script>alert(1)</script>", "/\xff\xfe")
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", h.pick("GET", "POST"), path)
}

func (h *hostile) header() []byte {
	header := h.pick("Host: evil.example", "X: "+strings.Repeat("y", 80_000), "Bad Header: x", ": x", "X\x00: y", "X: a\x00b", " X: y", "X: a\r\n b", "Host:", "Expect: 100-continue", "Expect: nonsense",
		"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__", "Content-Encoding: gzip", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site",
		"Authorization: Basic "+strings.Repeat("A", 5000), "Range: bytes=0-0,1-1,2-2", "Accept: "+strings.Repeat("application/json;q=0.1,", 2000), "Accept: text/html;q=x, */*;q=7", "Cookie: "+strings.Repeat("a=b;", 4000),
		"X-Forwarded-Host: evil.example", "traceparent: 00-zz-zz-01", "X-Amzn-SageMaker-Inference-Id: a\tb", strings.Repeat("A: b\r\n", 3000)+"Z: z")
	return post(h.pick("/invocations", "/endpoints/scones/invocations", inferPath), h.file(), "Content-Type: image/png", header)
}

func (h *hostile) length() []byte {
	length := h.pick("-1", "+5", "0x10", "5, 5", "5\r\nContent-Length: 6", "99999999999999999999", "9223372036854775807", "", " ", "5 5", "1e3", "07", "1000000")
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: image/png\r\nContent-Length: %s\r\n\r\nhello", h.anyPath(), length)
}

func (h *hostile) chunks() []byte {
	chunks := h.pick("5\r\nhello\r\n0\r\n\r\n", "fffffffffffffffff\r\nx\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "5;"+strings.Repeat("x", 10_000)+"\r\nhello\r\n0\r\n\r\n",
		"5\r\nhelloX0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n", "zz\r\n\r\n", "5\r\nhel", "", "0\r\n"+strings.Repeat("T: t\r\n", 3000)+"\r\n", strings.Repeat("1\r\nx\r\n", 3000)+"0\r\n\r\n",
		strings.Repeat("4000\r\n"+strings.Repeat("x", 0x4000)+"\r\n", 20)+"0\r\n\r\n")
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n%s", h.anyPath(), chunks)
}

func (h *hostile) smuggle() []byte {
	head := h.pick("Content-Length: 6\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 6", "Transfer-Encoding: xchunked\r\nContent-Length: 6",
		"Transfer-Encoding : chunked\r\nContent-Length: 6", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Transfer-Encoding:\vchunked\r\nContent-Length: 6",
		"Transfer-Encoding: identity, chunked", "X: y\nTransfer-Encoding: chunked\r\nContent-Length: 6", "Content-Length: 6\r\ncontent-length: 60")
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", h.anyPath(), head)
}

func (h *hostile) picture() []byte {
	return post(h.pick("/invocations", "/endpoints/scones/invocations", inferPath), h.file(), "Content-Type: "+h.pick(pictureTypes...))
}

func (h *hostile) contentType() []byte {
	return post(h.anyPath(), h.file(), "Content-Type: "+h.pick("text/html", "image/", "/png", "image/svg+xml", "multipart/form-data; boundary=x", "image/png;"+strings.Repeat("a=b;", 3000), "application/x-www-form-urlencoded",
		"application/json", "\xff", "image/png, text/html", "IMAGE/PNG", "image/png; q=\"", "application/x-recordio"))
}

func (h *hostile) json() []byte {
	number := func() string {
		return h.pick("0", "-1", "1", "4", "16", "9223372036854775807", "9223372036854775808", "1e999", "0.5", "null", "\"4\"", "[]", "-9223372036854775808", "4611686018427387904", "256")
	}
	data := h.pick("[]", "[1]", "null", "{}", "\"x\"", "["+strings.Repeat("1,", 15)+"1]", "["+strings.Repeat("300,", 15)+"1]", "[\"aGVsbG8=\"]", "[\"!\"]", "[[\"aGVsbG8=\"]]", strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000),
		"[1e400]", "[true]", "[null]", "["+strings.Repeat("1.5,", 100_00)+"1]", "[\"\\ud800\"]")
	parameters := h.pick("{}", "{\"binary_data_size\": "+number()+"}", "{\"classification\": "+number()+"}", "[]", "{\"binary_data_output\": 1}", "null", "{\"x\": {\"y\": []}}")
	body := fmt.Sprintf(`{"id": %s, "parameters": %s, "inputs": [{"name": %s, "datatype": %s, "shape": [%s, %s, %s, %s], "parameters": %s, "data": %s}], "outputs": [{"name": %s, "parameters": %s}]}`,
		h.pick(`"7"`, number(), `"`+strings.Repeat("i", 3000)+`"`), parameters, h.pick(`"data"`, `"image"`, `"none"`, number()), h.pick(`"UINT8"`, `"BYTES"`, `"FP32"`, `""`, number()), number(), number(), number(), number(),
		parameters, data, h.pick(`"probabilities"`, `"label"`, `"x"`), parameters)
	switch h.random.IntN(6) {
	case 0:
		body = body[:h.random.IntN(len(body))]
	case 1:
		body = h.pick("", "null", "[]", "7", "{}", `{"inputs": null}`, `{"inputs": {}}`, `{"inputs": [`+strings.Repeat("{},", 5000)+`{}]}`, strings.Repeat(`{"inputs":`, 15_000), "\xef\xbb\xbf{}")
	}
	return post(h.pick(inferPath, "/v2/models/shade/versions/1/infer"), []byte(body), "Content-Type: application/json")
}

func (h *hostile) binary() []byte {
	tail := h.bytes(200)
	if h.random.IntN(2) == 0 { // an element with a length of its own choice
		tail = append(binary.LittleEndian.AppendUint32(nil, h.random.Uint32()>>h.random.IntN(32)), tail...)
	}
	size := h.pick(fmt.Sprint(len(tail)), "0", "-1", "9223372036854775807", "16", "7")
	head := fmt.Sprintf(`{"inputs": [{"name": "%s", "datatype": "%s", "shape": [%s], "parameters": {"binary_data_size": %s}}]}`,
		h.pick("data", "image"), h.pick("UINT8", "BYTES", "FP32"), h.pick("1, 4, 4, 1", "1", "2", "4611686018427387904, 4, 4, 1", "-1, 4, 4, 1", ""), size)
	return post(inferPath, append([]byte(head), tail...), "Content-Type: application/octet-stream",
		"Inference-Header-Content-Length: "+h.pick(fmt.Sprint(len(head)), "0", "-1", "1", "999999", "18446744073709551616", "abc", ""))
}

func (h *hostile) runtime() []byte {
	return post("/endpoints/"+h.pick("scones", "other", "a%20b", strings.Repeat("e", 3000), "%ff")+h.pick("/invocations", "/invocations-response-stream", "/async-invocations", "/x"), h.file(),
		"Content-Type: image/png", h.pick("X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Target-Model", "X-Amzn-SageMaker-Target-Variant", "X-Amzn-SageMaker-Inference-Id",
			"X-Amzn-SageMaker-Target-Container-Hostname", "Authorization")+": "+h.pick("", "x", strings.Repeat("y", 5000), "\x80\xff", "a\tb", "../../m", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=, Signature=", "AWS4-HMAC-SHA256 Credential=////"))
}

// cut breaks off somewhere; the client then ends its half of the connection.
func (h *hostile) cut() []byte {
	whole := post(h.anyPath(), h.file(), "Content-Type: image/png")
	return whole[:h.random.IntN(len(whole))]
}

func (h *hostile) pipeline() []byte {
	var all []byte
	for range 1 + h.random.IntN(20) {
		all = fmt.Appendf(all, "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", h.pick("GET", "POST"), h.anyPath())
	}
	return append(all, "GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"...)
}
