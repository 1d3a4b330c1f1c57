package awstest

import (
	"encoding/xml"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

var (
	bucketName    = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	addressNumber = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
)

// TakenPrefix begins names of buckets that somebody else has.
const TakenPrefix = "taken-"

func createBucket(c *call) (any, error) {
	name, _ := c.path()
	if !bucketName.MatchString(name) || addressNumber.MatchString(name) || strings.Contains(name, "..") || strings.HasPrefix(name, "xn--") {
		return nil, s3Error(400, "InvalidBucketName", "The specified bucket is not valid.")
	}
	var in struct {
		LocationConstraint string
	}
	if len(c.body) > 0 {
		if err := xml.Unmarshal(c.body, &in); err != nil {
			return nil, s3Error(400, "MalformedXML", "The XML you provided was not well-formed")
		}
	}
	if in.LocationConstraint != c.regionID && (in.LocationConstraint != "" || c.regionID != "us-east-1") || in.LocationConstraint == "us-east-1" {
		return nil, s3Error(400, "IllegalLocationConstraintException", "The "+in.LocationConstraint+" location constraint is incompatible for the region specific endpoint this request was sent to.")
	}
	if strings.HasPrefix(name, TakenPrefix) {
		return nil, s3Error(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available.")
	}
	if c.s3.buckets[name] != nil {
		// us-east-1 answers 200 to the owner, for the sake of old clients.
		if c.regionID != "us-east-1" {
			return nil, s3Error(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
		}
	} else {
		c.s3.buckets[name] = &bucket{name: name, region: c.regionID, made: c.now, objects: map[string][]*object{}, uploads: map[string]*upload{}, settings: defaultSettings()}
	}
	c.header.Set("Location", "/"+name)
	return nothing(http.StatusOK)
}

func deleteBucket(c *s3Call) (any, error) {
	if len(c.bucket.objects) > 0 {
		return nil, s3Error(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
	}
	delete(c.s3.buckets, c.bucket.name)
	return nothing(http.StatusNoContent)
}

func headBucket(c *s3Call) (any, error) {
	c.header.Set("X-Amz-Bucket-Region", c.bucket.region)
	return nothing(http.StatusOK)
}

func getBucketLocation(c *s3Call) (any, error) {
	region := c.bucket.region
	if region == "us-east-1" {
		region = ""
	}
	return answerXML(struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
		Region  string   `xml:",chardata"`
	}{Region: region})
}

func listBuckets(c *call) (any, error) {
	type entry struct{ Name, CreationDate, BucketRegion string }
	query := c.request.URL.Query()
	var list []entry
	for _, name := range slices.Sorted(maps.Keys(c.s3.buckets)) {
		b := c.s3.buckets[name]
		if strings.HasPrefix(name, query.Get("prefix")) {
			list = append(list, entry{name, isoTime(b.made), b.region})
		}
	}
	var token *string
	if t := query.Get("continuation-token"); t != "" {
		token = &t
	}
	list, next, err := page(c.Server, list, token, nil, 10_000)
	if err != nil {
		return nil, wire.Errorf("InvalidArgument", "The continuation token provided is incorrect")
	}
	return answerXML(struct {
		XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
		Owner             owner
		Buckets           []entry `xml:"Buckets>Bucket"`
		ContinuationToken *string `xml:",omitempty"`
	}{Owner: theOwner, Buckets: list, ContinuationToken: next})
}

type owner struct{ ID, DisplayName string }

var theOwner = owner{strings.Repeat("0123456789abcdef", 4), "test"}
