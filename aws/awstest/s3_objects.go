package awstest

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxKey is the most bytes that a key may have.
const maxKey = 1024

// put adds an object as the newest version, or in place of the one there is where the bucket keeps no versions.
func (b *bucket) put(o *object, id string) {
	o.version = "null"
	if strings.Contains(string(b.settings["versioning"]), "<Status>Enabled</Status>") {
		o.version = strings.ReplaceAll(id, "-", "")
	}
	b.objects[o.key] = append(slices.DeleteFunc(b.objects[o.key], func(old *object) bool { return old.version == o.version }), o)
}

// newest is the object that a key names now; nil where there is none or it was deleted.
func (b *bucket) newest(key string) *object {
	versions := b.objects[key]
	if len(versions) == 0 || versions[len(versions)-1].deleted {
		return nil
	}
	return versions[len(versions)-1]
}

func (b *bucket) versioned() bool {
	return strings.Contains(string(b.settings["versioning"]), "<Status>")
}

// store puts data as a service does.
func (s *Server) store(b *bucket, key string, data []byte, contentType string) {
	sum := md5.Sum(data)
	b.put(&object{
		key: key, data: data, etag: hex.EncodeToString(sum[:]), modified: s.now, headers: http.Header{"Content-Type": {contentType}},
		checksums: map[string]string{"Crc64nvme": checksumOf("Crc64nvme", data)}, checksumType: "FULL_OBJECT",
	}, s.id())
}

func kept(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		switch {
		case strings.HasPrefix(name, "X-Amz-Meta-"), name == "Content-Type", name == "Cache-Control", name == "Content-Disposition", name == "Content-Language", name == "X-Amz-Storage-Class":
			out[name] = values
		case name == "Content-Encoding":
			if rest := strings.Trim(strings.ReplaceAll(values[0], "aws-chunked", ""), ", "); rest != "" {
				out.Set(name, rest)
			}
		}
	}
	if out.Get("Content-Type") == "" {
		out.Set("Content-Type", "binary/octet-stream")
	}
	return out
}

// precondition holds a write to what the caller says must be there.
func (c *s3Call) precondition() error {
	there := c.bucket.newest(c.key)
	if c.request.Header.Get("If-None-Match") == "*" && there != nil {
		return s3Error(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	}
	if want := c.request.Header.Get("If-Match"); want != "" {
		if there == nil {
			return s3Error(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		}
		if unquoted(want) != there.etag {
			return s3Error(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
		}
	}
	return nil
}

func putObject(c *s3Call) (any, error) {
	if len(c.key) > maxKey {
		return nil, s3Error(400, "KeyTooLongError", "Your key is too long")
	}
	if err := c.precondition(); err != nil {
		return nil, err
	}
	sums, err := c.sums()
	if err != nil {
		return nil, err
	}
	tags, err := headerTags(c.request.Header.Get("X-Amz-Tagging"))
	if err != nil {
		return nil, err
	}
	sum := md5.Sum(c.body)
	o := &object{key: c.key, data: c.body, etag: hex.EncodeToString(sum[:]), modified: c.now, headers: kept(c.request.Header), checksums: sums, checksumType: "FULL_OBJECT", tags: tags}
	c.bucket.put(o, c.Server.id())
	c.describe(o)
	c.tell(sums, o.checksumType)
	return nothing(http.StatusOK)
}

// describe puts what every answer about an object says into the answer's header.
func (c *s3Call) describe(o *object) {
	c.header.Set("Etag", `"`+o.etag+`"`)
	c.header.Set("X-Amz-Server-Side-Encryption", "AES256")
	if c.bucket.versioned() {
		c.header.Set("X-Amz-Version-Id", o.version)
	}
}

// wanted is the version that a request names, or the newest.
func (c *s3Call) wanted() (*object, error) {
	version := c.query.Get("versionId")
	if version == "" {
		if o := c.bucket.newest(c.key); o != nil {
			return o, nil
		}
		if versions := c.bucket.objects[c.key]; len(versions) > 0 {
			c.deleteMarker(versions[len(versions)-1].version)
		}
		return nil, s3Error(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	for _, o := range c.bucket.objects[c.key] {
		if o.version == version {
			if o.deleted {
				c.deleteMarker(version)
				return nil, s3Error(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
			}
			return o, nil
		}
	}
	return nil, s3Error(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
}

func getObject(c *s3Call) (any, error) {
	o, err := c.wanted()
	if err != nil {
		return nil, err
	}
	r := c.request.Header
	if want := r.Get("If-Match"); want != "" && unquoted(want) != o.etag {
		return nil, s3Error(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	}
	if r.Get("If-None-Match") != "" && unquoted(r.Get("If-None-Match")) == o.etag {
		return nothing(http.StatusNotModified)
	}
	maps.Copy(c.header, o.headers)
	c.describe(o)
	c.header.Set("Last-Modified", o.modified.Format(http.TimeFormat))
	c.header.Set("Accept-Ranges", "bytes")
	if o.tags != nil {
		c.header.Set("X-Amz-Tagging-Count", strconv.Itoa(bytes.Count(o.tags, []byte("<Tag>"))))
	}
	data, status := o.data, http.StatusOK
	if wanted := r.Get("Range"); wanted != "" {
		from, to, ok := byteRange(wanted, len(data))
		if !ok {
			return nil, s3Error(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
		}
		c.header.Set("Content-Range", "bytes "+strconv.Itoa(from)+"-"+strconv.Itoa(to-1)+"/"+strconv.Itoa(len(data)))
		data, status = data[from:to], http.StatusPartialContent
	} else if r.Get("X-Amz-Checksum-Mode") == "ENABLED" {
		c.tell(o.checksums, o.checksumType)
	}
	return &raw{status: status, body: data}, nil
}

// byteRange reads bytes=a-b, bytes=a- and bytes=-n.
func byteRange(text string, size int) (from, to int, ok bool) {
	first, last, found := strings.Cut(strings.TrimPrefix(text, "bytes="), "-")
	if !found || !strings.HasPrefix(text, "bytes=") {
		return 0, 0, false
	}
	from, errFirst := strconv.Atoi(first)
	to, errLast := strconv.Atoi(last)
	switch {
	case first == "" && errLast == nil && to > 0:
		return max(size-to, 0), size, size > 0
	case errFirst == nil && last == "":
		return from, size, from < size
	case errFirst == nil && errLast == nil:
		return from, min(to+1, size), from < size && from <= to
	}
	return 0, 0, false
}

func copyObject(c *s3Call) (any, error) {
	source, err := url.PathUnescape(c.request.Header.Get("X-Amz-Copy-Source"))
	if err != nil {
		return nil, s3Error(400, "InvalidArgument", "Invalid copy source encoding.")
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(source, "/"), "/")
	from := c.s3.buckets[name]
	if from == nil || from.newest(key) == nil {
		return nil, s3Error(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	o := *from.newest(key)
	o.key, o.modified = c.key, c.now
	if c.request.Header.Get("X-Amz-Metadata-Directive") == "REPLACE" {
		o.headers = kept(c.request.Header)
	}
	c.bucket.put(&o, c.Server.id())
	c.describe(&o)
	c.header.Del("Etag")
	return answerXML(struct {
		XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CopyObjectResult"`
		LastModified string
		ETag         string
	}{LastModified: isoTime(o.modified), ETag: `"` + o.etag + `"`})
}

// Object is what a key of a bucket holds; ok is false where there is none.
func (s *Server) Object(bucket, key string) (data []byte, modified time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.s3.buckets[bucket]
	if b == nil || b.newest(key) == nil {
		return nil, time.Time{}, false
	}
	o := b.newest(key)
	return bytes.Clone(o.data), o.modified, true
}
