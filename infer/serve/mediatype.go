package serve

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

// pictureTypes are the content types that a body may have. The bytes decide what they are; the type must only promise a picture.
var pictureTypes = []string{
	"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff", "application/x-image", "application/octet-stream",
}

// acceptsPicture tells whether a Content-Type promises a picture; none at all is taken for bytes, as RFC 9110 8.3 allows.
func acceptsPicture(contentType string) bool {
	if contentType == "" || slices.Contains(pictureTypes, contentType) {
		return true
	}
	base, _, err := mime.ParseMediaType(contentType)
	return err == nil && slices.Contains(append(pictureTypes, "image/jpg", "image/x-ms-bmp"), base)
}

// checkPicture refuses a body that promises no picture, or is coded in a way that is not undone here.
func checkPicture(x *exchange) *problem {
	if t := x.r.Header.Get("Content-Type"); !acceptsPicture(t) {
		return newProblem(wrongType, "ClientError: Invalid content type. Accepted content types are %s. The request's is %q", strings.Join(pictureTypes, ", "), clip(t))
	}
	if c := x.r.Header.Get("Content-Encoding"); c != "" && !strings.EqualFold(c, "identity") {
		return newProblem(wrongType, "ClientError: Invalid content encoding %q. Send the picture's bytes as they are", clip(c))
	}
	return nil
}

// clip shortens what a client sent before it is said back.
func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}

// A format is how an answer is written.
type format int

// The formats.
const (
	asArray   = format(iota) // application/json: a flat array, as the built-in algorithm writes it
	asLines                  // application/jsonlines
	asVerbose                // application/json;verbose=1
)

// contentType of the format.
func (f format) contentType() string {
	if f == asLines {
		return "application/jsonlines"
	}
	return "application/json"
}

// chooseFormat takes the format that an Accept header likes best (RFC 9110 12.5.1); without one, JSON. It reports false when none
// will do.
func chooseFormat(accept string) (format, bool) {
	switch accept {
	case "", "*/*", "application/json":
		return asArray, true
	}
	best, bestQ, found := asArray, 0.0, false
	for part := range strings.SplitSeq(accept, ",") {
		base, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		f := asArray
		switch base {
		case "application/json", "*/*", "application/*":
			if v := params["verbose"]; v != "" && v != "0" && v != "false" {
				f = asVerbose
			}
		case "application/jsonlines", "application/x-ndjson", "application/x-jsonlines":
			f = asLines
		default:
			continue
		}
		q := 1.0
		if v, given := params["q"]; given {
			if q, err = strconv.ParseFloat(v, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		if q > bestQ {
			best, bestQ, found = f, q, true
		}
	}
	return best, found
}
