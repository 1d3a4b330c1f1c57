package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/workflow/runtimetest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestCloudScripts runs the command as people do, each script in a cloud of the test's own process whose containers answer as scones
// serve does, and whose functions are the real ones of the workflow. Scripts have two commands more: s3 bucket NAME makes a bucket, and
// aws looks at the cloud (advance TIME, holds TEXT, left).
func TestCloudScripts(t *testing.T) {
	library := orttest.Library(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	artifact, err := os.ReadFile("../../model/builtin/model.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	kept := []string{"GOENV", "GOPATH", "GOMODCACHE", "GOCACHE"} // what deploy builds is built there, whatever HOME is
	values, err := exec.Command("go", append([]string{"env"}, kept...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	container, program := startEndpoint(t), runtimetest.Build(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script/cloud",
		Setup: func(env *testscript.Env) error {
			functions := &realFunctions{t: t, program: program}
			functions.cloud = awstest.New(t, awstest.Options{
				Artifact: artifact, Lag: 10 * time.Second, PageSize: 7, Invoke: functions.invoke,
				Classify: func(_ awstest.Container, picture []byte) ([]byte, error) { return asks(container.URL, picture) },
			})
			env.Values[cloudOf] = functions.cloud
			for name, value := range functions.cloud.Env() {
				env.Setenv(name, value)
			}
			env.Setenv("ROOT", root)
			env.Setenv("ONNXRUNTIME_LIB", library)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
			for i, value := range strings.Split(strings.TrimRight(string(values), "\n"), "\n") {
				env.Setenv(kept[i], value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"s3":  func(ts *testscript.TestScript, _ bool, args []string) { putS3(t, theCloud(ts).URL+"/"+args[1], nil) },
			"aws": func(ts *testscript.TestScript, _ bool, args []string) { lookAt(ts, theCloud(ts), args) },
		},
	})
}

// cloudOf is where a script's environment keeps its cloud.
const cloudOf = "cloud"

func theCloud(ts *testscript.TestScript) *awstest.Server { return ts.Value(cloudOf).(*awstest.Server) }

// asks has a container answer for a picture.
func asks(url string, picture []byte) ([]byte, error) {
	response, err := http.Post(url, "application/x-image", bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = &awstest.ContainerError{Status: http.StatusBadRequest, Message: string(answer)}
	}
	return answer, err
}

func lookAt(ts *testscript.TestScript, cloud *awstest.Server, args []string) {
	switch args[0] {
	case "advance":
		d, err := time.ParseDuration(args[1])
		ts.Check(err)
		cloud.Advance(d)
	case "holds":
		if keys := strings.Join(cloud.Keys(), "\n"); !strings.Contains(keys, args[1]) {
			ts.Fatalf("no object with %q among\n%s", args[1], keys)
		}
	case "left": // but for the pictures and the logs of jobs
		for _, line := range cloud.Inventory() {
			if !strings.HasPrefix(line, "s3 bucket pictures ") && !strings.Contains(line, "logs group /aws/sagemaker/") {
				ts.Fatalf("left: %s", line)
			}
		}
	default:
		ts.Fatalf("aws %s is not known", args[0])
	}
}
