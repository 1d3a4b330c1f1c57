package awstest

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

type tagging struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
	TagSet  []s3Tag  `xml:"TagSet>Tag"`
}

type s3Tag struct{ Key, Value string }

// headerTags reads the tags of a header, a query's form, into a document.
func headerTags(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, s3Error(400, "InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	var t tagging
	for key, value := range values {
		t.TagSet = append(t.TagSet, s3Tag{key, value[0]})
	}
	slices.SortFunc(t.TagSet, func(a, b s3Tag) int { return strings.Compare(a.Key, b.Key) })
	return xml.Marshal(t)
}

func putObjectTagging(c *s3Call) (any, error) {
	o, err := c.wanted()
	if err != nil {
		return nil, err
	}
	var t struct {
		TagSet []s3Tag `xml:"TagSet>Tag"`
	}
	if err := c.readXML(&t); err != nil {
		return nil, err
	}
	o.tags, err = xml.Marshal(tagging{TagSet: t.TagSet})
	if err != nil {
		return nil, err
	}
	return nothing(http.StatusOK)
}

func getObjectTagging(c *s3Call) (any, error) {
	o, err := c.wanted()
	if err != nil {
		return nil, err
	}
	if o.tags == nil {
		return answerXML(tagging{})
	}
	return &raw{body: o.tags}, nil
}
