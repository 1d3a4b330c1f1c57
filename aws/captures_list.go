package aws

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/scones-unlimited/scones/infer/capture"
)

// A lister hands capture files to yield. Its methods tell whether to go on.
type lister struct {
	client *s3.Client
	bucket string
	uri    string // as it was asked for
	window capture.Options
	yield  func(capture.File, error) bool
}

// pages calls visit with each page of a listing.
func (l *lister) pages(ctx context.Context, prefix, delimiter string, visit func(*s3.ListObjectsV2Output) bool) bool {
	for page, err := range listing(ctx, l.client, l.bucket, prefix, delimiter) {
		if err != nil {
			l.yield(capture.File{}, fmt.Errorf("list %q: %w", l.uri, err))
			return false
		}
		if !visit(page) {
			return false
		}
	}
	return true
}

// files hands on what of a page may hold captures.
func (l *lister) files(prefix string, objects []types.Object) bool {
	for _, object := range objects {
		key := awssdk.ToString(object.Key)
		if !within(key, prefix) || !capture.IsCaptureFile(key) {
			continue
		}
		file := capture.File{
			Name: "s3://" + l.bucket + "/" + key,
			Open: func(ctx context.Context) (io.ReadCloser, error) { return open(ctx, l.client, l.bucket, key) },
		}
		if !l.yield(file, nil) {
			return false
		}
	}
	return true
}

// flat lists everything under a prefix.
func (l *lister) flat(ctx context.Context, prefix string) bool {
	return l.pages(ctx, prefix, "", func(page *s3.ListObjectsV2Output) bool { return l.files(prefix, page.Contents) })
}

// walk lists a folder, and those in it that the window can need.
func (l *lister) walk(ctx context.Context, folder string) bool {
	if begin, _, depth := partition(folder); depth == hours {
		return l.window.Misses(begin, begin.Add(time.Hour)) || l.flat(ctx, folder)
	}
	var below []string
	if !l.pages(ctx, folder, "/", func(page *s3.ListObjectsV2Output) bool {
		for _, p := range page.CommonPrefixes {
			below = append(below, awssdk.ToString(p.Prefix))
		}
		return l.files(folder, page.Contents)
	}) {
		return false
	}
	for _, inner := range below {
		begin, end, depth := partition(inner)
		if depth > 0 && l.window.Misses(begin, end) {
			if depth > years {
				continue
			}
			// A folder may be called 2023 for another reason; one with months alone in it is a partition.
			if only, ok := l.onlyMonths(ctx, inner); !ok || only {
				if !ok {
					return false
				}
				continue
			}
		}
		if !l.walk(ctx, inner) {
			return false
		}
	}
	return true
}

var month = regexp.MustCompile(`/(0[1-9]|1[0-2])/$`)

// onlyMonths tells whether a folder holds nothing but folders of months.
func (l *lister) onlyMonths(ctx context.Context, folder string) (only, ok bool) {
	only = true
	ok = l.pages(ctx, folder, "/", func(page *s3.ListObjectsV2Output) bool {
		only = only && len(page.Contents) == 0
		for _, p := range page.CommonPrefixes {
			only = only && month.MatchString(awssdk.ToString(p.Prefix))
		}
		return true
	})
	return only, ok
}

// Depths of partitions.
const (
	years = 1
	hours = 4
)

// layouts of a folder's last parts, the deepest first.
var layouts = [...]string{"2006/01/02/15", "2006/01/02", "2006/01", "2006"}

// partition tells what time a folder …/yyyy[/mm[/dd[/hh]]]/ stands for; depth is 0 for another folder.
func partition(folder string) (begin, end time.Time, depth int) {
	parts := strings.Split(strings.TrimSuffix(folder, "/"), "/")
	for i, layout := range layouts {
		n := len(layouts) - i
		if len(parts) < n {
			continue
		}
		begin, err := time.Parse(layout, strings.Join(parts[len(parts)-n:], "/"))
		if err != nil {
			continue
		}
		switch n {
		case hours:
			end = begin.Add(time.Hour)
		case 3:
			end = begin.AddDate(0, 0, 1)
		case 2:
			end = begin.AddDate(0, 1, 0)
		default:
			end = begin.AddDate(1, 0, 0)
		}
		return begin, end, n
	}
	return begin, end, 0
}

// OpenObject opens what s3://bucket/key names, for an Open of many: the client is made once.
func OpenObject(c *Config) func(ctx context.Context, uri string) (io.ReadCloser, error) {
	client := s3.NewFromConfig(c.sdk)
	return func(ctx context.Context, uri string) (io.ReadCloser, error) {
		bucket, key, ok := ParseS3(uri)
		if !ok || key == "" {
			return nil, fmt.Errorf("object %q: want s3://BUCKET/KEY", uri)
		}
		stream, err := open(ctx, client, bucket, key)
		if err != nil {
			return nil, fmt.Errorf("read %q: %w", uri, err)
		}
		return stream, nil
	}
}
