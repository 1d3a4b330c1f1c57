package asl

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bucket is a bucket in memory.
type bucket struct {
	mu      sync.Mutex
	objects map[string]string
}

func (b *bucket) List(_ context.Context, name, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for _, key := range slices.Sorted(maps.Keys(b.objects)) {
			if strings.HasPrefix(key, prefix) && !yield(Object{Key: key, ETag: "e", Size: int64(len(b.objects[key])), Modified: time.Unix(7, 0)}, nil) {
				return
			}
		}
	}
}

func (b *bucket) Read(_ context.Context, name, key string) ([]byte, error) {
	data, ok := b.objects[key]
	if !ok || name != "b" {
		return nil, fmt.Errorf("read s3://%s/%s: %w", name, key, fs.ErrNotExist)
	}
	return []byte(data), nil
}

func (b *bucket) Write(_ context.Context, _, key string, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[key] = string(data)
	return nil
}

// distributedMap is a Map with some fields; each execution fails on an item that is "bad" or holds one.
func distributedMap(fields string) string {
	return `{"StartAt":"M","States":{"M":{"Type":"Map",` + fields + `"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"I","States":{
		"I":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:echo","End":true}}},"End":true}}}`
}

func failBad(_ context.Context, call Call) (any, error) {
	if strings.Contains(text(call.Parameters), "bad") {
		return nil, &Error{Name: "BAD", Cause: "it is bad"}
	}
	return call.Parameters, nil
}

func gzipped(s string) string {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return buf.String()
}

// TestItems reads items from everywhere that they can come from, alone and in batches.
func TestItems(t *testing.T) {
	objects := map[string]string{
		"t/a.png": "1", "t/b.png": "22", "u/c.png": "3", "list.json": `[1,{"x":2}]`, "list.jsonl": "{\"x\":1}\n\n2\n", "list.csv": "x,y\n1,a\n2,\"b,c\"\n", "pipes": "1|2\n",
		"manifest.json": `{"fileFormat":"CSV","fileSchema":"Bucket, Key","files":[{"key":"part.csv.gz"}]}`, "part.csv.gz": gzipped("\"b\",\"t/a.png\"\n\"b\",\"t/b.png\"\n"),
	}
	reader := func(config, parameters string) string {
		return `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":` + config + `,"Parameters":{"Bucket":"b",` + parameters + `}},`
	}
	for name, test := range map[string]struct{ fields, want string }{
		"a listing": {`"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Bucket":"b","Prefix.$":"$.p"}},`,
			`[{"Etag":"\"e\"","Key":"t/a.png","LastModified":7,"Size":1,"StorageClass":"STANDARD"},{"Etag":"\"e\"","Key":"t/b.png","LastModified":7,"Size":2,"StorageClass":"STANDARD"}]`},
		"a listing, selected": {`"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","ReaderConfig":{"MaxItems":1},"Parameters":{"Bucket":"b","Prefix":"t/"}},
			"ItemSelector":{"k.$":"$$.Map.Item.Value.Key","i.$":"$$.Map.Item.Index","p.$":"$.p"},`, `[{"i":0,"k":"t/a.png","p":"t/"}]`},
		"JSON":                  {reader(`{"InputType":"JSON"}`, `"Key":"list.json"`), `[1,{"x":2}]`},
		"JSON lines":            {reader(`{"InputType":"JSONL"}`, `"Key":"list.jsonl"`), `[{"x":1},2]`},
		"CSV":                   {reader(`{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"}`, `"Key":"list.csv"`), `[{"x":"1","y":"a"},{"x":"2","y":"b,c"}]`},
		"CSV with given header": {reader(`{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["p","q"],"CSVDelimiter":"PIPE"}`, `"Key":"pipes"`), `[{"p":"1","q":"2"}]`},
		"an inventory":          {reader(`{"InputType":"MANIFEST"}`, `"Key":"manifest.json"`), `[{"Bucket":"b","Key":"t/a.png"},{"Bucket":"b","Key":"t/b.png"}]`},
		"the input":             {`"ItemsPath":"$.l",`, `[5,6,7]`},
		"batches":               {`"ItemsPath":"$.l","ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"p.$":"$.p"}},`, `[{"BatchInput":{"p":"t/"},"Items":[5,6]},{"BatchInput":{"p":"t/"},"Items":[7]}]`},
		"batches by bytes":      {`"ItemsPath":"$.l","ItemBatcher":{"MaxInputBytesPerBatch":16},`, `[{"Items":[5,6]},{"Items":[7]}]`},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := parse(t, distributedMap(test.fields)).Run(t.Context(), []byte(`{"p":"t/","l":[5,6,7]}`), Options{Task: failBad, Objects: &bucket{objects: objects}})
			if err != nil || e.Status != Succeeded {
				t.Fatalf("%v %v", err, e.Error)
			}
			if diff := cmp.Diff(test.want, text(e.Output)); diff != "" {
				t.Errorf("items differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTolerance: as many items may fail as the definition says, and one more fails the state.
func TestTolerance(t *testing.T) {
	for _, test := range []struct {
		fields, input string
		error         string
	}{
		{``, `[1,2,3]`, ""},
		{``, `[1,"bad",3]`, ExceedToleratedFailures},
		{`"ToleratedFailureCount":1,`, `[1,"bad",3]`, ""},
		{`"ToleratedFailureCount":1,`, `["bad","bad",3]`, ExceedToleratedFailures},
		{`"ToleratedFailurePercentage":50.0,`, `["bad",2]`, ""},
		{`"ToleratedFailurePercentage":40,`, `["bad",2]`, ExceedToleratedFailures},
		{`"ToleratedFailurePercentage":100,"ToleratedFailureCount":0,`, `["bad",2]`, ExceedToleratedFailures},
	} {
		e, err := parse(t, distributedMap(test.fields)).Run(t.Context(), []byte(test.input), Options{Task: failBad})
		if err != nil || (e.Error == nil) != (test.error == "") || e.Error != nil && e.Error.Name != test.error {
			t.Errorf("%s %s: %v %v, want %q", test.fields, test.input, err, e.Error, test.error)
		}
	}
	e, err := parse(t, distributedMap(`"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"b","Key":"none"}},`)).
		Run(t.Context(), []byte(`{}`), Options{Task: failBad, Objects: &bucket{}})
	if err != nil || e.Error == nil || e.Error.Name != ItemReaderFailed {
		t.Errorf("items that are not there: %v %v", err, e.Error)
	}
}

// TestResultWriter compares every file that is written.
func TestResultWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // so that the times are known
		for name, test := range map[string]struct {
			config string
			want   map[string]string
		}{
			"as it is": {``, map[string]string{
				"SUCCEEDED_0.json": `[{"ExecutionArn":"*","Input":"[1]","InputDetails":{"Included":true},"Name":"*","Output":"[1]","OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","StartDate":"2000-01-01T00:00:00.000Z","Status":"SUCCEEDED","StopDate":"2000-01-01T00:00:00.000Z"}]`,
				"FAILED_0.json":    `[{"Cause":"it is bad","Error":"BAD","ExecutionArn":"*","Input":"\"bad\"","InputDetails":{"Included":true},"Name":"*","RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","StartDate":"2000-01-01T00:00:00.000Z","Status":"FAILED","StopDate":"2000-01-01T00:00:00.000Z"}]`,
			}},
			"COMPACT":        {`,"WriterConfig":{"Transformation":"COMPACT","OutputType":"JSON"}`, map[string]string{"SUCCEEDED_0.json": `[[1]]`}},
			"FLATTEN, JSONL": {`,"WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSONL"}`, map[string]string{"SUCCEEDED_0.jsonl": "1\n"}},
		} {
			b := &bucket{objects: map[string]string{}}
			fields := `"ToleratedFailureCount":1,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"out"}` + test.config + `},`
			e, err := parse(t, distributedMap(fields)).Run(t.Context(), []byte(`[[1],"bad"]`), Options{Task: failBad, Objects: b})
			if err != nil || e.Status != Succeeded {
				t.Fatalf("%s: %v %v", name, err, e.Error)
			}
			where := field(field(e.Output, "ResultWriterDetails"), "Key").(string)
			manifest, err := Decode([]byte(b.objects[where]))
			if err != nil || path.Base(where) != "manifest.json" || field(manifest, "DestinationBucket") != "b" || field(manifest, "MapRunArn") != field(e.Output, "MapRunArn") {
				t.Errorf("%s: manifest %q: %v", where, b.objects[where], err)
			}
			named := 0
			for status, files := range field(manifest, "ResultFiles").(map[string]any) {
				for _, file := range files.([]any) {
					named++
					key := field(file, "Key").(string)
					if size, _ := integer(field(file, "Size")); size != len(b.objects[key]) || !strings.HasPrefix(path.Base(key), status) {
						t.Errorf("%s: the manifest says that %s has %d bytes, it has %d", name, key, size, len(b.objects[key]))
					}
					if want, ok := test.want[path.Base(key)]; ok && anyName(b.objects[key]) != want {
						t.Errorf("%s: %s differs:\n%s", name, key, cmp.Diff(want, anyName(b.objects[key])))
					}
				}
			}
			if named != len(b.objects)-1 || named != 2 {
				t.Errorf("%s: the manifest names %d files, there are %d", name, named, len(b.objects)-1)
			}
		}
	})
}

// anyName replaces what is random.
func anyName(s string) string {
	for _, field := range []string{`"ExecutionArn":"`, `"Name":"`} {
		if i := strings.Index(s, field); i >= 0 {
			start := i + len(field)
			s = s[:start] + "*" + s[start+strings.IndexByte(s[start:], '"'):]
		}
	}
	return s
}
