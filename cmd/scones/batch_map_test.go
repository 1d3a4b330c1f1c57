package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/mototest"
	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// unbatched is the map with a child execution for each picture: moto's parser knows no ItemBatcher and no WriterConfig.
func unbatched(t *testing.T, definition []byte) string {
	t.Helper()
	var machine map[string]any
	reader := json.NewDecoder(bytes.NewReader(definition))
	reader.UseNumber() // moto wants a share with its point
	if err := reader.Decode(&machine); err != nil {
		t.Fatal(err)
	}
	at := func(v any, keys ...string) map[string]any {
		for _, key := range keys {
			v = v.(map[string]any)[key]
		}
		return v.(map[string]any)
	}
	pictures := at(machine, "States", "Pictures")
	delete(pictures, "ItemBatcher")
	writer := at(pictures, "ResultWriter")
	delete(writer, "WriterConfig")
	writer["Parameters"] = map[string]string{"Bucket": "answers", "Prefix": "out"} // whose paths it looks up in the output
	outer, inner := at(pictures, "ItemProcessor"), at(pictures, "ItemProcessor", "States", "Batch", "ItemProcessor")
	outer["StartAt"], outer["States"] = inner["StartAt"], inner["States"]
	text, err := json.Marshal(machine)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fillResults puts into the manifest what a ResultWriter would have: the results of the same map here, over the same pictures.
func (m *motoServer) fillResults(t *testing.T, library, dir string) {
	t.Helper()
	store := t.TempDir()
	if err := os.CopyFS(filepath.Join(store, "pictures", "in"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	input := filepath.Join(store, "map.json")
	if err := os.WriteFile(input, []byte(`{"bucket":"pictures","prefix":"in/","results":{"bucket":"answers","prefix":"out"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(store, "answers"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := command(t, library, "workflow", "run", "--mode", "map", "--store", store, input).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	manifests, err := filepath.Glob(filepath.Join(store, "answers", "out", "*", "manifest.json"))
	if err != nil || len(manifests) != 1 {
		all, _ := filepath.Glob(filepath.Join(store, "*", "*", "*"))
		t.Fatalf("%q of %q: %v", manifests, all, err)
	}
	err = filepath.WalkDir(filepath.Join(store, "answers"), func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "manifest.json" {
			return err
		}
		data, err := os.ReadFile(name)
		key, _ := filepath.Rel(store, name)
		m.put(t, "/"+filepath.ToSlash(key), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := os.ReadFile(manifests[0])
	if err != nil {
		t.Fatal(err)
	}
	m.put(t, "/"+m.manifest(t), manifest)
}

// manifest is the path of the one that moto wrote.
func (m *motoServer) manifest(t *testing.T) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.front.URL+"/answers?list-type=2", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("out/[^<]*/manifest.json").Find(data)
	if found == nil {
		t.Fatalf("there is no manifest: %s", data)
	}
	return "answers/" + string(found)
}

// TestBatchThroughTheMap has moto execute the map over pictures in S3, with the real program for its functions. Moto's ResultWriter writes
// a manifest without results: pictures without one are rows with an error. With the results of the same map here, rows are those of scones
// classify; they are read again without an execution.
func TestBatchThroughTheMap(t *testing.T) {
	library := orttest.Library(t)
	moto, endpoint := startMoto(t), startEndpoint(t)
	startFunctions(t, moto, endpoint)
	moto.put(t, "/pictures", nil)
	moto.put(t, "/answers", nil)
	dir := t.TempDir()
	for _, picture := range []string{"images/bicycle-gif.gif", "images/motorcycle-png-rgb.png", "broken/png-truncated.png"} {
		data, err := os.ReadFile("../../testdata/" + picture)
		if err != nil {
			t.Fatal(err)
		}
		moto.put(t, "/pictures/in/"+filepath.Base(picture), data)
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(picture)), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	definition, err := workflow.Definition(workflow.MapMode, workflow.DefinitionOptions{Values: functionARNs})
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"name": "many", "definition": unbatched(t, definition), "roleArn": "arn:aws:iam::123456789012:role/states"})
	if err != nil {
		t.Fatal(err)
	}
	machine, _ := moto.post(t, "/", "states", "AWSStepFunctions.CreateStateMachine", string(body))["stateMachineArn"].(string)
	environment := os.Environ()
	for key, value := range mototest.Environment(t, moto.front.URL) {
		environment = append(environment, key+"="+value)
	}
	run := func(code int, args ...string) (stdout, stderr string) {
		t.Helper()
		c := command(t, library, slices.Concat([]string{"batch", "--engine", "stepfunctions", "--machine", machine, "--poll", "100ms"}, args, []string{"s3://pictures/in/", "s3://answers/out/"})...)
		c.Env = append(c.Env, environment...)
		var said bytes.Buffer
		c.Stderr = &said
		out, _ := c.Output()
		if c.ProcessState.ExitCode() != code {
			t.Fatalf("it ends with %d, want %d\n%s%s", c.ProcessState.ExitCode(), code, out, &said)
		}
		return string(out), said.String()
	}
	out, said := run(3, "--format", "jsonl")
	if !strings.Contains(said, "3 pictures, 3 failed") || strings.Count(out, "left no result") != 3 {
		t.Errorf("moto's writer leaves no results; the rows are\n%s%s", out, said)
	}
	moto.fillResults(t, library, dir)
	out, said = run(3, "--format", "jsonl")
	if !strings.Contains(said, "has answered before") || !strings.Contains(said, "3 pictures, 1 failed") {
		t.Error(said)
	}
	type row struct {
		Path, Label, Error string
		Score              float32
	}
	read := func(text, prefix string) []row {
		t.Helper()
		var rows []row
		for line := range strings.Lines(text) {
			var r row
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			r.Path = strings.TrimPrefix(filepath.ToSlash(r.Path), prefix)
			rows = append(rows, r)
		}
		slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.Path, b.Path) })
		return rows
	}
	here, _ := command(t, library, "classify", "--format", "jsonl", dir).Output() // one picture is broken
	want := read(string(here), filepath.ToSlash(dir)+"/")
	got := read(out, "s3://pictures/in/")
	for i := range want {
		if want[i].Error != "" {
			want[i].Error, got[i].Error = "failed", strings.Map(func(rune) rune { return -1 }, got[i].Error)+"failed"
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the map answers %+v, classify %+v", got, want)
	}
	again, said := run(3, "--labels", "bike,motorbike", "--top-k", "0", "--format", "jsonl")
	if !strings.Contains(said, "has answered before") || !strings.Contains(again, `"label":"motorbike"`) || strings.Count(again, "top_k") != 2 {
		t.Errorf("%s%s", again, said)
	}
}
