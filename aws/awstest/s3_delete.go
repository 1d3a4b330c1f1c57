package awstest

import (
	"encoding/xml"
	"net/http"
	"slices"
)

// remove deletes a key, or one version of it for good. Without a version a bucket that keeps versions gets a mark.
func (c *s3Call) remove(key, version string) (marker string) {
	b := c.bucket
	if version == "" && b.versioned() {
		o := &object{key: key, deleted: true, modified: c.now}
		b.put(o, c.Server.id())
		return o.version
	}
	if version == "" {
		delete(b.objects, key)
		return ""
	}
	b.objects[key] = slices.DeleteFunc(b.objects[key], func(o *object) bool {
		if o.version == version && o.deleted {
			marker = version
		}
		return o.version == version
	})
	if len(b.objects[key]) == 0 {
		delete(b.objects, key)
	}
	return marker
}

func deleteObject(c *s3Call) (any, error) {
	version := c.query.Get("versionId")
	if marker := c.remove(c.key, version); marker != "" {
		c.deleteMarker(marker)
	} else if version != "" {
		c.header.Set("X-Amz-Version-Id", version)
	}
	return nothing(http.StatusNoContent)
}

func deleteObjects(c *s3Call) (any, error) {
	if err := c.integrity(); err != nil {
		return nil, err
	}
	if !c.vouched() {
		return nil, s3Error(400, "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	var in struct {
		Quiet  bool
		Object []struct{ Key, VersionId string }
	}
	if err := c.readXML(&in); err != nil {
		return nil, err
	}
	if len(in.Object) == 0 || len(in.Object) > 1000 {
		return nil, s3Error(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	type deleted struct {
		Key                   string
		VersionId             string `xml:",omitempty"`
		DeleteMarker          bool   `xml:",omitempty"`
		DeleteMarkerVersionId string `xml:",omitempty"`
	}
	var out []deleted
	for _, o := range in.Object {
		marker := c.remove(o.Key, o.VersionId)
		if !in.Quiet {
			out = append(out, deleted{o.Key, o.VersionId, marker != "", marker})
		}
	}
	return answerXML(struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
		Deleted []deleted
	}{Deleted: out})
}

// vouched tells whether a request says what its body adds up to.
func (c *s3Call) vouched() bool {
	if c.request.Header.Get("Content-Md5") != "" {
		return true
	}
	for name := range checksumHashes {
		if c.request.Header.Get(checksumHeader+name) != "" {
			return true
		}
	}
	return false
}
