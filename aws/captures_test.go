package aws_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer/capture"
)

const captured = `{"captureData":{"endpointOutput":{"observedContentType":"text/csv","mode":"OUTPUT","data":"0.25,0.75","encoding":"CSV"}},` +
	`"eventMetadata":{"eventId":"8f45e35c-fa44-40d2-8ed3-1bcab3a596f3","inferenceTime":"2020-07-30T13:36:30Z"},"eventVersion":"0"}` + "\n"

// bucket is an S3 bucket that gives its keys two at a time.
func bucket(keys ...string) http.HandlerFunc {
	slices.Sort(keys)
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Get("list-type") != "2" {
			key := strings.TrimPrefix(r.URL.Path, "/bucket/")
			if !slices.Contains(keys, key) {
				w.WriteHeader(404)
				fmt.Fprint(w, `<Error><Code>NoSuchKey</Code><Message>no</Message></Error>`)
				return
			}
			fmt.Fprint(w, captured)
			return
		}
		type object struct{ Key string }
		var page struct {
			XMLName               xml.Name `xml:"ListBucketResult"`
			IsTruncated           bool
			NextContinuationToken string
			Contents              []object
		}
		for _, key := range keys {
			if !strings.HasPrefix(key, query.Get("prefix")) || key <= query.Get("continuation-token") {
				continue
			}
			if len(page.Contents) == 2 {
				page.IsTruncated, page.NextContinuationToken = true, page.Contents[1].Key
				break
			}
			page.Contents = append(page.Contents, object{key})
		}
		_ = xml.NewEncoder(w).Encode(page)
	}
}

func TestCapturesInS3(t *testing.T) {
	const hour = "capture/scones/AllTraffic/2024/10/15/14/"
	c, _ := fakeAWS(t, bucket(hour+"01-a.jsonl", hour+"02-b.jsonl", hour+"03-c.jsonl", hour+"note.txt", "capture-old/d.jsonl", "other/e.jsonl"))
	var got []string
	for entry, err := range capture.Read(t.Context(), aws.Captures(t.Context(), c, "s3://bucket/capture"), capture.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		scores, err := entry.Record.Scores()
		got = append(got, fmt.Sprintf("%s %v %v", entry.Name(), scores, err))
	}
	want := []string{
		"s3://bucket/" + hour + "01-a.jsonl:1 [0.25 0.75] <nil>", "s3://bucket/" + hour + "02-b.jsonl:1 [0.25 0.75] <nil>", "s3://bucket/" + hour + "03-c.jsonl:1 [0.25 0.75] <nil>",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCapturesErrors(t *testing.T) {
	refused := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(403)
		fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
	}
	c, _ := fakeAWS(t, refused)
	for uri, want := range map[string]string{
		"s3://bucket/capture": `list "s3://bucket/capture": AccessDenied: Access Denied`,
		"s3://":               `captures "s3://": want s3://BUCKET/PREFIX`,
	} {
		for _, err := range aws.Captures(t.Context(), c, uri) {
			if err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", uri, err, want)
			}
		}
	}
}
