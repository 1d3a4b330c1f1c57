package awstest

import (
	"encoding/xml"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A listing walks keys in order, folding those with a delimiter behind the prefix.
type listing struct {
	prefix, delimiter string
	escape            func(string) string
	most              int
}

func (c *s3Call) listing() (listing, error) {
	l := listing{c.query.Get("prefix"), c.query.Get("delimiter"), func(s string) string { return s }, 1000}
	if c.query.Get("encoding-type") == "url" {
		l.escape = func(s string) string {
			return strings.ReplaceAll(url.QueryEscape(s), "%2F", "/")
		}
	}
	if text := c.query.Get("max-keys"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return l, s3Error(400, "InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647")
		}
		l.most = min(n, l.most)
	}
	if c.o.PageSize > 0 {
		l.most = min(l.most, c.o.PageSize)
	}
	return l, nil
}

// fold gives the common prefix that a key is listed as, or nothing.
func (l *listing) fold(key string) string {
	if l.delimiter == "" {
		return ""
	}
	before, _, found := strings.Cut(key[len(l.prefix):], l.delimiter)
	if !found {
		return ""
	}
	return l.prefix + before + l.delimiter
}

type s3Prefix struct{ Prefix string }

type s3Entry struct {
	Key, LastModified, ETag string
	ChecksumAlgorithm       []string
	ChecksumType            string `xml:",omitempty"`
	Size                    int
	StorageClass            string
}

func listObjectsV2(c *s3Call) (any, error) {
	l, err := c.listing()
	if err != nil {
		return nil, err
	}
	after := c.query.Get("start-after")
	token := c.query.Get("continuation-token")
	if token != "" {
		text, ok := strings.CutPrefix(token, pageToken)
		if !ok {
			return nil, s3Error(400, "InvalidArgument", "The continuation token provided is incorrect")
		}
		after = text
	}
	out := struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
		Name, Prefix          string
		Delimiter             string `xml:",omitempty"`
		EncodingType          string `xml:",omitempty"`
		StartAfter            string `xml:",omitempty"`
		ContinuationToken     string `xml:",omitempty"`
		NextContinuationToken string `xml:",omitempty"`
		KeyCount, MaxKeys     int
		IsTruncated           bool
		Contents              []s3Entry
		CommonPrefixes        []s3Prefix
	}{Name: c.bucket.name, Prefix: l.escape(l.prefix), Delimiter: l.escape(l.delimiter), EncodingType: c.query.Get("encoding-type"), StartAfter: l.escape(c.query.Get("start-after")), ContinuationToken: token, MaxKeys: l.most}
	last := ""
	for _, key := range slices.Sorted(maps.Keys(c.bucket.objects)) {
		o := c.bucket.newest(key)
		if o == nil || !strings.HasPrefix(key, l.prefix) || key <= after {
			continue
		}
		common := l.fold(key)
		if common != "" && (common == last || after != "" && strings.HasPrefix(after, common)) {
			continue
		}
		if out.KeyCount == l.most {
			out.IsTruncated = l.most > 0
			if out.IsTruncated {
				out.NextContinuationToken = pageToken + last
			}
			break
		}
		out.KeyCount++
		if last = key; common != "" {
			last = common
			out.CommonPrefixes = append(out.CommonPrefixes, s3Prefix{l.escape(common)})
			continue
		}
		entry := s3Entry{Key: l.escape(key), LastModified: isoTime(o.modified), ETag: `"` + o.etag + `"`, Size: len(o.data), StorageClass: "STANDARD", ChecksumType: o.checksumType}
		for name := range o.checksums {
			entry.ChecksumAlgorithm = append(entry.ChecksumAlgorithm, strings.ToUpper(name))
		}
		out.Contents = append(out.Contents, entry)
	}
	return answerXML(out)
}

func listObjectVersions(c *s3Call) (any, error) {
	l, err := c.listing()
	if err != nil {
		return nil, err
	}
	type version struct {
		XMLName                  xml.Name
		Key, VersionId           string
		IsLatest                 bool
		LastModified             string
		ETag, Size, StorageClass *string `xml:",omitempty"`
	}
	out := struct {
		XMLName             xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListVersionsResult"`
		Name, Prefix        string
		EncodingType        string `xml:",omitempty"`
		KeyMarker           string
		VersionIdMarker     string
		NextKeyMarker       string `xml:",omitempty"`
		NextVersionIdMarker string `xml:",omitempty"`
		MaxKeys             int
		IsTruncated         bool
		Versions            []version
	}{Name: c.bucket.name, Prefix: l.escape(l.prefix), EncodingType: c.query.Get("encoding-type"), KeyMarker: l.escape(c.query.Get("key-marker")), VersionIdMarker: c.query.Get("version-id-marker"), MaxKeys: l.most}
	marker, versionMarker := c.query.Get("key-marker"), c.query.Get("version-id-marker")
	var lastKey, lastVersion string
	for _, key := range slices.Sorted(maps.Keys(c.bucket.objects)) {
		if !strings.HasPrefix(key, l.prefix) || key < marker || key == marker && versionMarker == "" {
			continue
		}
		versions := c.bucket.objects[key]
		passed := key != marker
		for i := len(versions) - 1; i >= 0; i-- {
			o := versions[i]
			if !passed {
				passed = o.version == versionMarker
				continue
			}
			if len(out.Versions) == l.most {
				out.IsTruncated, out.NextKeyMarker, out.NextVersionIdMarker = true, l.escape(lastKey), lastVersion
				return answerXML(out)
			}
			lastKey, lastVersion = key, o.version
			v := version{XMLName: xml.Name{Local: "DeleteMarker"}, Key: l.escape(key), VersionId: o.version, IsLatest: i == len(versions)-1, LastModified: isoTime(o.modified)}
			if !o.deleted {
				v.XMLName.Local = "Version"
				v.ETag, v.Size, v.StorageClass = new(`"`+o.etag+`"`), new(strconv.Itoa(len(o.data))), new("STANDARD")
			}
			out.Versions = append(out.Versions, v)
		}
	}
	return answerXML(out)
}
