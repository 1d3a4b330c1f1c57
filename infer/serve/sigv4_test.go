package serve

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"
)

// TestSignature checks the request that AWS's documentation signs (General Reference, "Signature Version 4 signing process", the
// ListUsers example), and what is wrong with its neighbours.
func TestSignature(t *testing.T) {
	const (
		secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
		value  = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
		form   = "AWS4-HMAC-SHA256 Credential=%s/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=%s"
	)
	keys := map[string]string{"AKIDEXAMPLE": secret}
	signed := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	good := fmt.Sprintf(form, "AKIDEXAMPLE", value)
	for name, c := range map[string]struct {
		header, body string
		now          time.Time
		want         *kind
	}{
		"good":        {good, "", signed.Add(time.Minute), nil},
		"none":        {"", "", signed, unsigned},
		"basic":       {"Basic abc", "", signed, badSignature},
		"half":        {good[:100], "", signed, badSignature},
		"other key":   {fmt.Sprintf(form, "AKIDOTHER", value), "", signed, unknownClient},
		"late":        {good, "", signed.Add(6 * time.Minute), wrongSignature},
		"early":       {good, "", signed.Add(-6 * time.Minute), wrongSignature},
		"wrong":       {fmt.Sprintf(form, "AKIDEXAMPLE", "6"+value[1:]), "", signed, wrongSignature},
		"other body":  {good, "x", signed, wrongSignature},
		"no headers":  {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=" + value, "", signed, badSignature},
		"other place": {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + value, "", signed, wrongSignature},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", nil)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
			r.Header.Set("X-Amz-Date", "20150830T123600Z")
			if c.header != "" {
				r.Header.Set("Authorization", c.header)
			}
			s, p := checkSignature(r, keys, "iam", c.now)
			if p == nil {
				p = s.verify(r, []byte(c.body))
			}
			if c.want == nil && p != nil || c.want != nil && (p == nil || p.kind != c.want) {
				t.Errorf("got %+v, want %+v", p, c.want)
			}
		})
	}
}
