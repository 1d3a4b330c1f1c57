package aws_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/gatewaytest"
	"github.com/scones-unlimited/scones/aws/mototest"
)

// A front stands before an S3 server, counts the calls that write, and refuses those that a test wants refused.
type front struct {
	client *s3.Client
	config *aws.Config

	lock   sync.Mutex
	writes []string // "PUT /bucket/key?query", in the order in which they were let through
	refuse func(r *http.Request, writes int) bool
}

const bucketName = "scones-sync"

// newFront points AWS's tools at a server through a front, and makes a bucket.
func newFront(t *testing.T, server string) *front {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // which is signed
	}}
	before := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.lock.Lock()
		refused := f.refuse != nil && f.refuse(r, len(f.writes))
		if !refused && r.Method != http.MethodGet && r.Method != http.MethodHead {
			f.writes = append(f.writes, r.Method+" "+r.URL.RequestURI())
		}
		f.lock.Unlock()
		if refused {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>not now</Message></Error>`)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(before.Close)
	for name, value := range mototest.Environment(t, before.URL) {
		t.Setenv(name, value)
	}
	if f.config, err = aws.LoadConfig(t.Context(), aws.ConfigOptions{}); err != nil {
		t.Fatal(err)
	}
	f.client = s3.NewFromConfig(f.config.SDK())
	if _, err := f.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: new(bucketName)}); err != nil {
		t.Fatal(err)
	}
	f.written()
	return f
}

// written are the writing calls since it was last asked.
func (f *front) written() []string {
	f.lock.Lock()
	defer f.lock.Unlock()
	w := f.writes
	f.writes, f.refuse = nil, nil
	return w
}

// objects are what the bucket holds, by key.
func (f *front) objects(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	var contents []types.Object
	for pages := s3.NewListObjectsV2Paginator(f.client, &s3.ListObjectsV2Input{Bucket: new(bucketName)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, page.Contents...)
	}
	for _, o := range contents {
		got, err := f.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: new(bucketName), Key: o.Key})
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(got.Body)
		got.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		all[awssdk.ToString(o.Key)] = string(data)
	}
	return all
}

// folder writes files and returns their folder.
func folder(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// planned is a plan's actions by key.
func planned(t *testing.T, f *front, dir string, o aws.SyncOptions) (*aws.Sync, map[string]aws.SyncAction) {
	t.Helper()
	s, err := aws.PlanSync(t.Context(), f.config, dir, "s3://"+bucketName+"/data", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	actions := map[string]aws.SyncAction{}
	for _, c := range s.Changes {
		actions[c.Key] = c.Action
	}
	return s, actions
}

// apply plans and applies, and plans again: nothing is left to do.
func apply(t *testing.T, f *front, dir string, o aws.SyncOptions) {
	t.Helper()
	s, _ := planned(t, f, dir, o)
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, after := planned(t, f, dir, o)
	for key, action := range after {
		if action != aws.SyncKeep && action != aws.SyncLeave {
			t.Errorf("after the sync %s is still to %s", key, action)
		}
	}
}

// TestSync runs against each S3 server that there is.
func TestSync(t *testing.T) {
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, start(t))
			t.Run("changes", func(t *testing.T) { testChanges(t, f) })
			t.Run("parts", func(t *testing.T) { testParts(t, f) })
			t.Run("every failure", func(t *testing.T) { testEveryFailure(t, f) })
		})
	}
}

// servers that tests of S3 run against.
var servers = map[string]func(testing.TB) string{
	"moto":      func(t testing.TB) string { return mototest.Start(t) },
	"versitygw": gatewaytest.Start,
	"awstest":   func(t testing.TB) string { return awstest.New(t, awstest.Options{PageSize: 2}).URL },
}

func testChanges(t *testing.T, f *front) {
	put := func(key, text string) {
		if _, err := f.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: new(bucketName), Key: &key, Body: strings.NewReader(text)}); err != nil {
			t.Fatal(err)
		}
	}
	put("data-2/other.png", "not ours")
	put("data/train/old.png", "old")
	put("data/train/same.png", "by another tool")
	dir := folder(t, t.TempDir(), map[string]string{"train/a.png": "a", "train/b c+ü.png": "b", "test/empty": "", "train.lst": "0\t0\ta.png\n", "train/same.png": "by another tool", ".hidden/x": "x"})
	s, got := planned(t, f, dir, aws.SyncOptions{})
	want := map[string]aws.SyncAction{
		"data/train/a.png": aws.SyncCreate, "data/train/b c+ü.png": aws.SyncCreate, "data/test/empty": aws.SyncCreate, "data/train.lst": aws.SyncCreate,
		"data/train/same.png": aws.SyncKeep, "data/train/old.png": aws.SyncLeave,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	f.written()
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(f.written()); n != 4 {
		t.Errorf("%d calls write, want 4", n)
	}
	folder(t, dir, map[string]string{"train/a.png": "A", "train/new.png": "n"})
	if err := os.Remove(filepath.Join(dir, "test/empty")); err != nil {
		t.Fatal(err)
	}
	want = map[string]aws.SyncAction{
		"data/train/a.png": aws.SyncUpdate, "data/train/b c+ü.png": aws.SyncKeep, "data/test/empty": aws.SyncDelete, "data/train.lst": aws.SyncKeep,
		"data/train/same.png": aws.SyncKeep, "data/train/old.png": aws.SyncDelete, "data/train/new.png": aws.SyncCreate,
	}
	s, got = planned(t, f, dir, aws.SyncOptions{Delete: true})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if err := s.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	objects := map[string]string{
		"data-2/other.png": "not ours", "data/train/a.png": "A", "data/train/b c+ü.png": "b", "data/train.lst": "0\t0\ta.png\n",
		"data/train/same.png": "by another tool", "data/train/new.png": "n",
	}
	if diff := cmp.Diff(objects, f.objects(t)); diff != "" {
		t.Error(diff)
	}
	if _, err := aws.PlanSync(t.Context(), f.config, dir, "s3://"+bucketName, aws.SyncOptions{Delete: true}); err == nil {
		t.Error("a whole bucket may be emptied")
	}
}

// testParts: a large file goes in parts, is known again, and an upload that broke off goes on with the parts that are missing.
func testParts(t *testing.T, f *front) {
	const part = 5 << 20
	o := aws.SyncOptions{PartBytes: part}
	data := make([]byte, 4*part+1234)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(data)
	dir := folder(t, t.TempDir(), map[string]string{"large.rec": string(data)})
	s, _ := planned(t, f, dir, o)
	f.written()
	f.refuse = func(r *http.Request, _ int) bool { return r.URL.Query().Get("partNumber") == "5" } // four are sent at a time, so one is there
	err := s.Apply(t.Context())
	failed, ok := errors.AsType[*aws.SyncError](err)
	if !ok || failed.Done != 0 || failed.Of != 1 || failed.Hint() == "" {
		t.Fatalf("a part that is refused gives %v", err)
	}
	f.written()
	apply(t, f, dir, o)
	again := f.written()
	if begun := slices.ContainsFunc(again, func(w string) bool { return strings.Contains(w, "uploads") }); begun || len(again) > 1+4 {
		t.Errorf("an upload that broke off is not gone on with: %q", again)
	}
	// Of an upload that broke off with other bytes nothing is taken.
	data[0] ^= 1
	folder(t, dir, map[string]string{"large.rec": string(data)})
	s, _ = planned(t, f, dir, o)
	f.written()
	f.refuse = func(r *http.Request, _ int) bool { return r.URL.Query().Get("partNumber") == "5" }
	if err := s.Apply(t.Context()); err == nil {
		t.Fatal("a part that is refused gives no error")
	}
	f.written()
	data[3*part], data[1] = data[3*part]^1, data[1]^1
	folder(t, dir, map[string]string{"large.rec": string(data)})
	if _, got := planned(t, f, dir, o); got["data/large.rec"] != aws.SyncUpdate {
		t.Errorf("a changed file is to %s", got["data/large.rec"])
	}
	apply(t, f, dir, o)
	if got := f.objects(t)["data/large.rec"]; !bytes.Equal([]byte(got), data) {
		t.Error("the object is not the file")
	}
}

// testEveryFailure refuses each writing call in turn; another run completes.
func testEveryFailure(t *testing.T, f *front) {
	files := map[string]string{}
	for i := range 6 {
		files[fmt.Sprintf("test/%d.png", i)] = fmt.Sprint("picture ", i)
	}
	o := aws.SyncOptions{Delete: true, Workers: 1}
	for position := 0; ; position++ {
		empty := folder(t, t.TempDir(), map[string]string{"stays.txt": "s", "goes.txt": "g"})
		apply(t, f, empty, o)
		dir := folder(t, t.TempDir(), files)
		s, _ := planned(t, f, dir, o)
		f.written()
		f.refuse = func(r *http.Request, writes int) bool {
			return writes >= position && r.Method != http.MethodGet && r.Method != http.MethodHead
		}
		err := s.Apply(t.Context())
		reached := len(f.written())
		if err == nil {
			if position != len(files)+1 { // the uploads, one call to delete
				t.Errorf("%d positions", position)
			}
			break
		}
		if failed, ok := errors.AsType[*aws.SyncError](err); ok != (position < len(files)) || ok && failed.Done != position || reached != position {
			t.Errorf("position %d: %v, %d calls write", position, err, reached)
		}
		apply(t, f, dir, o)
		objects := f.objects(t)
		for name, text := range files {
			if objects["data/"+name] != text {
				t.Errorf("position %d: %q is %q", position, name, objects["data/"+name])
			}
		}
		if _, there := objects["data/goes.txt"]; there {
			t.Errorf("position %d: what is to be deleted is there", position)
		}
	}
}
