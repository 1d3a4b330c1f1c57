package awstest

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type s3State struct{ buckets map[string]*bucket }

func newS3() *s3State { return &s3State{map[string]*bucket{}} }

// A bucket with its objects, all versions of each, the newest last.
type bucket struct {
	name, region string
	made         time.Time
	settings     map[string][]byte // by subresource, as they were sent
	objects      map[string][]*object
	uploads      map[string]*upload
}

// An object, or the mark that one was deleted.
type object struct {
	key, version, etag string
	data               []byte
	modified           time.Time
	deleted            bool
	headers            http.Header // what is kept of the request's: type, encoding, own metadata
	checksums          map[string]string
	checksumType       string
	tags               []byte
}

// s3Namespace is of answers.
const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

func s3Service() *service {
	return &service{name: "s3", model: "s3", s3: true, operations: map[string]operation{
		"ListBuckets": listBuckets, "CreateBucket": createBucket, "DeleteBucket": inBucket(deleteBucket), "HeadBucket": inBucket(headBucket), "GetBucketLocation": inBucket(getBucketLocation),
		"ListObjectsV2": inBucket(listObjectsV2), "ListObjectVersions": inBucket(listObjectVersions), "DeleteObjects": inBucket(deleteObjects),
		"PutObject": inBucket(putObject), "CopyObject": inBucket(copyObject), "GetObject": inBucket(getObject), "HeadObject": inBucket(getObject), "DeleteObject": inBucket(deleteObject),
		"PutObjectTagging": inBucket(putObjectTagging), "GetObjectTagging": inBucket(getObjectTagging),
		"CreateMultipartUpload": inBucket(createMultipartUpload), "UploadPart": inBucket(uploadPart), "CompleteMultipartUpload": inBucket(completeMultipartUpload),
		"AbortMultipartUpload": inBucket(abortMultipartUpload), "ListParts": inBucket(listParts), "ListMultipartUploads": inBucket(listMultipartUploads),
		"PutBucketSetting": inBucket(putSetting), "GetBucketSetting": inBucket(getSetting), "DeleteBucketSetting": inBucket(deleteSetting),
	}}
}

// An s3Call is a call with what its path names.
type s3Call struct {
	*call
	bucket *bucket
	key    string
	query  url.Values
}

// path splits what the request's path names.
func (c *call) path() (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(c.request.URL.Path, "/"), "/")
	return bucket, key
}

// inBucket finds the bucket first. One of another region sends the caller there.
func inBucket(f func(*s3Call) (any, error)) operation {
	return func(c *call) (any, error) {
		name, key := c.path()
		b := c.s3.buckets[name]
		if b == nil {
			return nil, &wire.Error{Status: http.StatusNotFound, Code: "NoSuchBucket", Message: "The specified bucket does not exist"}
		}
		if b.region != c.regionID {
			c.header.Set("X-Amz-Bucket-Region", b.region)
			return nil, &wire.Error{Status: http.StatusMovedPermanently, Code: "PermanentRedirect", Message: "The bucket you are attempting to access must be addressed using the specified endpoint."}
		}
		return f(&s3Call{c, b, key, c.request.URL.Query()})
	}
}

// answerXML is an answer of S3.
func answerXML(v any) (any, error) {
	body, err := xml.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &raw{body: append([]byte(xml.Header), body...)}, nil
}

// nothing is an answer without a body.
func nothing(status int) (any, error) { return &raw{status: status}, nil }

func s3Error(status int, code, message string) error {
	return &wire.Error{Status: status, Code: code, Message: message}
}

// readXML reads a request's document.
func (c *s3Call) readXML(into any) error {
	if err := xml.Unmarshal(c.body, into); err != nil {
		return s3Error(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	return nil
}

// isoTime is a time in an answer.
func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
