package aws_test

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/infer/capture"
)

// folders is a bucket that lists as S3 does, delimiter included, and remembers what was listed.
func folders(keys []string, listed *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		*listed = append(*listed, query.Get("prefix"))
		type object struct{ Key string }
		type common struct{ Prefix string }
		var page struct {
			XMLName        xml.Name `xml:"ListBucketResult"`
			Contents       []object
			CommonPrefixes []common
		}
		for _, key := range keys {
			rest, ok := strings.CutPrefix(key, query.Get("prefix"))
			if !ok {
				continue
			}
			if at := strings.Index(rest, "/"); at >= 0 && query.Get("delimiter") == "/" {
				if p := (common{query.Get("prefix") + rest[:at+1]}); !slices.Contains(page.CommonPrefixes, p) {
					page.CommonPrefixes = append(page.CommonPrefixes, p)
				}
				continue
			}
			page.Contents = append(page.Contents, object{key})
		}
		_ = xml.NewEncoder(w).Encode(page)
	}
}

// TestOnlyTheWindowIsListed reads an afternoon out of two years of captures, and what lies beside them.
func TestOnlyTheWindowIsListed(t *testing.T) {
	var keys []string
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2026; day = day.AddDate(0, 0, 1) {
		for hour := range 24 {
			keys = append(keys, "capture/scones/AllTraffic/"+day.Add(time.Duration(hour)*time.Hour).Format("2006/01/02/15")+"/01-02-003-x.jsonl")
		}
	}
	keys = append(keys, "capture/2023/notes/a.jsonl", "capture/2022/05/b.jsonl", "captured/c.jsonl", "capture/scones/AllTraffic/2025/06/note.txt")
	slices.Sort(keys)
	var listed, got []string
	c, _ := fakeAWS(t, folders(keys, &listed))
	window := capture.Options{From: time.Date(2025, 6, 30, 22, 30, 0, 0, time.UTC), Until: time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)}
	for file, err := range aws.CapturesWithin(t.Context(), c, "s3://bucket/capture", window) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimPrefix(file.Name, "s3://bucket/capture/"))
	}
	const day = "scones/AllTraffic/2025/06/30/"
	want := []string{"2023/notes/a.jsonl", day + "21/01-02-003-x.jsonl", day + "22/01-02-003-x.jsonl", day + "23/01-02-003-x.jsonl", "scones/AllTraffic/2025/07/01/00/01-02-003-x.jsonl"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(listed) > 20 {
		t.Errorf("%d listings: %q", len(listed), listed)
	}
}
