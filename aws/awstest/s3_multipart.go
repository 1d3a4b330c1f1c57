package awstest

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An upload is one in parts under way.
type upload struct {
	id, key   string
	algorithm string // as in checksumHashes; empty where the caller wants none
	whole     bool   // the checksum is of the whole object, not of the parts' checksums
	headers   http.Header
	tags      []byte
	begun     time.Time
	parts     map[int]*object
}

// minPart is the least that every part but the last may have.
const minPart = 5 << 20

func (c *s3Call) upload() (*upload, error) {
	if u := c.bucket.uploads[c.query.Get("uploadId")]; u != nil && u.key == c.key {
		return u, nil
	}
	return nil, s3Error(http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
}

func createMultipartUpload(c *s3Call) (any, error) {
	algorithm := strings.ToUpper(c.request.Header.Get("X-Amz-Checksum-Algorithm"))
	u := &upload{id: strings.ReplaceAll(c.Server.id(), "-", ""), key: c.key, headers: kept(c.request.Header), begun: c.now, parts: map[int]*object{}}
	for name := range checksumHashes {
		if strings.ToUpper(name) == algorithm {
			u.algorithm = name
		}
	}
	u.whole = c.request.Header.Get("X-Amz-Checksum-Type") == "FULL_OBJECT" || u.algorithm == "Crc64nvme"
	var err error
	if u.tags, err = headerTags(c.request.Header.Get("X-Amz-Tagging")); err != nil {
		return nil, err
	}
	c.bucket.uploads[u.id] = u
	if algorithm != "" {
		c.header.Set("X-Amz-Checksum-Algorithm", algorithm)
		c.header.Set("X-Amz-Checksum-Type", u.kind())
	}
	return answerXML(struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string
	}{Bucket: c.bucket.name, Key: c.key, UploadId: u.id})
}

func (u *upload) kind() string {
	if u.whole {
		return "FULL_OBJECT"
	}
	return "COMPOSITE"
}

func uploadPart(c *s3Call) (any, error) {
	u, err := c.upload()
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(c.query.Get("partNumber"))
	if err != nil || number < 1 || number > 10_000 {
		return nil, s3Error(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
	}
	sums, err := c.sums()
	if err != nil {
		return nil, err
	}
	if u.algorithm != "" && sums[u.algorithm] == "" {
		sums = map[string]string{u.algorithm: checksumOf(u.algorithm, c.body)}
	}
	sum := md5.Sum(c.body)
	u.parts[number] = &object{data: c.body, etag: hex.EncodeToString(sum[:]), modified: c.now, checksums: sums}
	c.header.Set("Etag", `"`+u.parts[number].etag+`"`)
	c.header.Set("X-Amz-Server-Side-Encryption", "AES256")
	c.tell(sums, "")
	return nothing(http.StatusOK)
}

func completeMultipartUpload(c *s3Call) (any, error) {
	u, err := c.upload()
	if err != nil {
		return nil, err
	}
	if err := c.precondition(); err != nil {
		return nil, err
	}
	var in struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := c.readXML(&in); err != nil {
		return nil, err
	}
	if len(in.Part) == 0 {
		return nil, s3Error(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	o := &object{key: u.key, modified: c.now, headers: u.headers, tags: u.tags, checksums: map[string]string{}, checksumType: u.kind()}
	var digests, sums []byte
	for i, p := range in.Part {
		part := u.parts[p.PartNumber]
		switch {
		case part == nil || part.etag != unquoted(p.ETag):
			return nil, s3Error(400, "InvalidPart", "One or more of the specified parts could not be found.")
		case i > 0 && in.Part[i-1].PartNumber >= p.PartNumber:
			return nil, s3Error(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
		case i < len(in.Part)-1 && len(part.data) < minPart:
			return nil, s3Error(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
		}
		digest, _ := hex.DecodeString(part.etag)
		digests = append(digests, digest...)
		sum, _ := base64.StdEncoding.DecodeString(part.checksums[u.algorithm])
		sums = append(sums, sum...)
		o.data = append(o.data, part.data...)
	}
	digest := md5.Sum(digests)
	o.etag = fmt.Sprintf("%x-%d", digest, len(in.Part))
	switch {
	case u.algorithm == "":
		o.checksums["Crc64nvme"], o.checksumType = checksumOf("Crc64nvme", o.data), "FULL_OBJECT"
	case u.whole:
		o.checksums[u.algorithm] = checksumOf(u.algorithm, o.data)
	default:
		o.checksums[u.algorithm] = fmt.Sprintf("%s-%d", checksumOf(u.algorithm, sums), len(in.Part))
	}
	c.bucket.put(o, c.Server.id())
	delete(c.bucket.uploads, u.id)
	c.describe(o)
	c.header.Del("Etag")
	return answerXML(struct {
		XMLName                     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
		Location, Bucket, Key, ETag string
	}{Location: c.URL + "/" + c.bucket.name + "/" + u.key, Bucket: c.bucket.name, Key: u.key, ETag: `"` + o.etag + `"`})
}

func abortMultipartUpload(c *s3Call) (any, error) {
	u, err := c.upload()
	if err != nil {
		return nil, err
	}
	delete(c.bucket.uploads, u.id)
	return nothing(http.StatusNoContent)
}

func listParts(c *s3Call) (any, error) {
	u, err := c.upload()
	if err != nil {
		return nil, err
	}
	type entry struct {
		PartNumber, Size   int
		ETag, LastModified string
	}
	out := struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
		Bucket, Key, UploadId string
		IsTruncated           bool
		Part                  []entry
	}{Bucket: c.bucket.name, Key: u.key, UploadId: u.id}
	for _, number := range slices.Sorted(maps.Keys(u.parts)) {
		part := u.parts[number]
		out.Part = append(out.Part, entry{number, len(part.data), `"` + part.etag + `"`, isoTime(part.modified)})
	}
	return answerXML(out)
}

func listMultipartUploads(c *s3Call) (any, error) {
	type entry struct{ Key, UploadId, Initiated string }
	out := struct {
		XMLName     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
		Bucket      string
		IsTruncated bool
		Upload      []entry
	}{Bucket: c.bucket.name}
	for _, id := range slices.Sorted(maps.Keys(c.bucket.uploads)) {
		u := c.bucket.uploads[id]
		if strings.HasPrefix(u.key, c.query.Get("prefix")) {
			out.Upload = append(out.Upload, entry{u.key, id, isoTime(u.begun)})
		}
	}
	return answerXML(out)
}
