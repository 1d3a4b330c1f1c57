package awstest

import (
	"net/http"
	"strings"
)

// settings are what buckets have, by the subresource in the query, with the name that operations give them.
var settings = map[string]string{
	"policy": "BucketPolicy", "encryption": "BucketEncryption", "publicAccessBlock": "PublicAccessBlock", "lifecycle": "BucketLifecycleConfiguration",
	"tagging": "BucketTagging", "versioning": "BucketVersioning", "ownershipControls": "BucketOwnershipControls", "notification": "BucketNotificationConfiguration",
	"cors": "BucketCors",
}

// findS3 names the operation, and has what runs it.
func (c *call) findS3() error {
	if err := c.unchunk(); err != nil {
		return err
	}
	bucket, key := c.path()
	query := c.request.URL.Query()
	method := c.request.Method
	verb := map[string]string{http.MethodGet: "Get", http.MethodPut: "Put", http.MethodDelete: "Delete", http.MethodPost: "Post", http.MethodHead: "Head"}[method]
	switch {
	case bucket == "":
		c.operation = "ListBuckets"
	case key == "":
		c.operation = verb + "Bucket"
		for setting, name := range settings {
			if query.Has(setting) {
				c.operation, c.run = verb+name, c.service.operations[verb+"BucketSetting"]
				if setting == "lifecycle" && verb == "Delete" {
					c.operation = "DeleteBucketLifecycle"
				}
				return nil
			}
		}
		switch {
		case method == http.MethodPut:
			c.operation = "CreateBucket"
		case query.Has("location"):
			c.operation = "GetBucketLocation"
		case query.Has("versions"):
			c.operation = "ListObjectVersions"
		case query.Has("uploads"):
			c.operation = "ListMultipartUploads"
		case query.Has("delete"):
			c.operation = "DeleteObjects"
		case method == http.MethodGet && query.Get("list-type") == "2":
			c.operation = "ListObjectsV2"
		case method == http.MethodGet:
			c.operation = "ListObjects"
		}
	default:
		c.operation = c.findObject(verb, key)
	}
	return nil
}

func (c *call) findObject(verb, _ string) string {
	query := c.request.URL.Query()
	upload := query.Has("uploadId")
	switch {
	case query.Has("tagging"):
		return verb + "ObjectTagging"
	case verb == "Post" && query.Has("uploads"):
		return "CreateMultipartUpload"
	case upload && verb == "Put":
		return "UploadPart"
	case upload && verb == "Post":
		return "CompleteMultipartUpload"
	case upload && verb == "Delete":
		return "AbortMultipartUpload"
	case upload:
		return "ListParts"
	case verb == "Put" && c.request.Header.Get("X-Amz-Copy-Source") != "":
		return "CopyObject"
	}
	return verb + "Object"
}

// subresource is the setting that a request is about.
func (c *s3Call) subresource() string {
	for setting := range settings {
		if c.query.Has(setting) {
			return setting
		}
	}
	return ""
}

// deleteMarker tells the caller of one.
func (c *s3Call) deleteMarker(version string) {
	c.header.Set("X-Amz-Delete-Marker", "true")
	if version != "" {
		c.header.Set("X-Amz-Version-Id", version)
	}
}

// unquoted is an ETag without its quotation marks.
func unquoted(etag string) string { return strings.Trim(etag, `"`) }
