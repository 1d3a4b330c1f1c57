//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/scones-unlimited/scones/infer/container"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// sconesJSON runs a command line and reads the object that it prints.
func sconesJSON(t *testing.T, into any, args ...string) {
	t.Helper()
	c := command(t, orttest.Library(t), args...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err == nil {
		err = json.Unmarshal(out, into)
	}
	if err != nil {
		t.Fatalf("scones %s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
}

// tool runs a program that reads images, which .ci/run installs.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		orttest.Missing(t, name, err.Error())
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// A registryServer is a registry in this process. It refuses manifests as long as broken is true, and strangers when it has a password.
type registryServer struct {
	*httptest.Server
	host     string
	broken   atomic.Bool
	password string
	logins   atomic.Int64
}

func startRegistry(t *testing.T) *registryServer {
	t.Helper()
	r := new(registryServer)
	next := registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0)))
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if r.password != "" {
			_, password, _ := q.BasicAuth()
			if password != r.password {
				w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			r.logins.Add(1)
		}
		if r.broken.Load() && q.Method == http.MethodPut && strings.Contains(q.URL.Path, "/manifests/") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, q)
	}))
	t.Cleanup(r.Close)
	r.host = strings.TrimPrefix(r.URL, "http://")
	return r
}

// TestImageFile builds an image twice and reads it back with the tools that others use.
func TestImageFile(t *testing.T) {
	dir := t.TempDir()
	first, second, bill := filepath.Join(dir, "a.tar"), filepath.Join(dir, "b.tar"), filepath.Join(dir, "scones.spdx.json")
	var report imageReport
	sconesJSON(t, &report, "image", "build", "--json", "-o", first, "--sbom", bill)
	sconesJSON(t, new(imageReport), "image", "build", "--json", "-o", second)
	a, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(second)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two builds of the same input differ: %d and %d bytes, %v", len(a), len(b), err)
	}
	var inspected struct{ Digest, Os, Architecture string }
	if err := json.Unmarshal(tool(t, "skopeo", "inspect", "oci-archive:"+first), &inspected); err != nil {
		t.Fatal(err)
	}
	if inspected.Digest != report.Images[0].Digest || inspected.Os != "linux" || inspected.Architecture != string(report.Images[0].Arch) {
		t.Errorf("skopeo reads %+v, want the digest %s", inspected, report.Images[0].Digest)
	}
	tool(t, "skopeo", "inspect", "docker-archive:"+first) // as docker load reads it
	root := unpack(t, "oci-archive:"+first)
	inside, err := os.ReadFile(filepath.Join(root, "var/lib/db/sbom/scones.spdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	if outside, err := os.ReadFile(bill); err != nil || !bytes.Equal(inside, outside) {
		t.Errorf("the bill of materials in the image is not the one beside it: %v", err)
	}
	t.Run("bill", func(t *testing.T) { // which the SPDX project's own tool judges
		validator := os.Getenv("SCONES_TEST_SPDX")
		if validator == "" {
			orttest.Missing(t, "spdx", "SCONES_TEST_SPDX names no pyspdxtools")
		}
		if out, err := exec.Command(validator, "-i", bill).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	for _, c := range report.Images[0].Contents {
		data, err := os.ReadFile(filepath.Join(root, c.Path))
		if err != nil || int64(len(data)) != c.Bytes {
			t.Errorf("%s has %d bytes, the report says %d: %v", c.Path, len(data), c.Bytes, err)
		}
	}
}

// TestImageOnBase builds on an image that has the C libraries and on one that has nothing.
func TestImageOnBase(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "base.tar"), filepath.Join(dir, "image.tar")
	var below, report imageReport
	sconesJSON(t, &below, "image", "build", "--json", "-o", first)
	sconesJSON(t, &report, "image", "build", "--json", "-o", second, "--base", first)
	image := report.Images[0]
	if want := "base.tar@" + below.Images[0].Digest; image.Base != want || len(image.Layers) != 4 {
		t.Errorf("built on %s with %d layers, want %s and 4", image.Base, len(image.Layers), want)
	}
	var inspected struct {
		Layers []string
		Labels map[string]string
	}
	if err := json.Unmarshal(tool(t, "skopeo", "inspect", "oci-archive:"+second), &inspected); err != nil {
		t.Fatal(err)
	}
	if len(inspected.Layers) != 9 || inspected.Labels["org.opencontainers.image.base.digest"] != below.Images[0].Digest {
		t.Errorf("skopeo reads %+v", inspected)
	}
	r := startRegistry(t)
	var pushed container.Pushed
	sconesJSON(t, &pushed, "image", "push", "--json", "--image", first, r.host+"/base:v1")
	sconesJSON(t, &report, "image", "build", "--json", "-o", second, "--base", r.host+"/base:v1")
	if image := report.Images[0]; image.Base != pushed.Reference || len(image.Layers) != 4 {
		t.Errorf("built on %s with %d layers, want %s and 4", image.Base, len(image.Layers), pushed.Reference)
	}
	tool(t, "umoci", "init", "--layout", dir+"/empty")
	tool(t, "umoci", "new", "--image", dir+"/empty:it")
	out, err := command(t, orttest.Library(t), "image", "build", "-o", second, "--base", dir+"/empty").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "which the base image empty@sha256:") {
		t.Errorf("on an empty base: %v\n%s", err, out)
	}
}

// unpack copies an image into an OCI layout and lays its root folder out with umoci.
func unpack(t *testing.T, from string, options ...string) string {
	t.Helper()
	dir := t.TempDir()
	tool(t, "skopeo", append(append([]string{"copy"}, options...), from, "oci:"+dir+"/layout:it")...)
	args := []string{"unpack", "--image", dir + "/layout:it", dir + "/bundle"}
	if os.Getuid() != 0 {
		args = slices.Insert(args, 1, "--rootless")
	}
	tool(t, "umoci", args...)
	return filepath.Join(dir, "bundle", "rootfs")
}

// TestImageRuns pushes an image, pulls it with skopeo, unpacks it with umoci and runs it as SageMaker would: with a model of SageMaker's
// own, that cannot be written, over the image's.
func TestImageRuns(t *testing.T) {
	r := startRegistry(t)
	var pushed container.Pushed
	sconesJSON(t, &pushed, "image", "push", "--json", r.host+"/team/scones")
	root := unpack(t, "docker://"+pushed.Reference, "--src-tls-verify=false")
	if os.Getuid() != 0 {
		orttest.Missing(t, "root", "only root may change the root folder")
	}
	model := t.TempDir()
	data, err := os.ReadFile("../../model/builtin/model.onnx")
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(model, "model.onnx"), data, 0o644), os.Chmod(model, 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	over := filepath.Join(root, "opt/ml/model")
	if err := syscall.Mount(model, over, "", syscall.MS_BIND, ""); err != nil {
		orttest.Missing(t, "root", "mount: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(over, syscall.MNT_DETACH) })
	if err := syscall.Mount("", over, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Process struct {
			User struct{ UID, GID int }
			Args []string
			Env  []string
		}
	}
	bundle, err := os.ReadFile(filepath.Join(filepath.Dir(root), "config.json"))
	if err == nil {
		err = json.Unmarshal(bundle, &spec)
	}
	if err != nil {
		t.Fatal(err)
	}
	p := spec.Process
	if want := []string{"/usr/bin/scones", "serve"}; p.User.UID != 65532 || p.User.GID != 65532 || !slices.Equal(p.Args, want) {
		t.Fatalf("the container runs %v as %d:%d, want %v as 65532:65532", p.Args, p.User.UID, p.User.GID, want)
	}
	answersAsContainer(t, root, p.Args[0], p.Args[1:], p.Env)
}

// TestImagePush sends an image whose first push breaks off, and looks at what the registry has.
func TestImagePush(t *testing.T) {
	r := startRegistry(t)
	file, bill := filepath.Join(t.TempDir(), "image.tar"), filepath.Join(t.TempDir(), "bill.json")
	var report imageReport
	sconesJSON(t, &report, "image", "build", "--json", "-o", file, "--sbom", bill, "--manifest", "docker")
	digest := report.Images[0].Digest
	r.broken.Store(true)
	if out, err := command(t, orttest.Library(t), "image", "push", r.host+"/scones", "--image", file).CombinedOutput(); err == nil {
		t.Fatalf("the registry refuses, the command says\n%s", out)
	}
	r.broken.Store(false)
	var again, built, third container.Pushed
	sconesJSON(t, &again, "image", "push", "--json", r.host+"/scones", "--image", file)
	want := container.Pushed{
		Reference: r.host + "/scones@" + digest, Tag: r.host + "/scones:" + digest[7:19], Digest: digest, Layers: 5, Skipped: 5,
	}
	bills := again.SBOMs
	again.SBOMs, again.Sent = nil, 0
	if fmt.Sprint(again) != fmt.Sprint(want) || len(bills) != 1 {
		t.Errorf("after a push that broke off: %+v, want %+v and one bill of materials", again, want)
	}
	sconesJSON(t, &built, "image", "push", "--json", r.host+"/scones")
	if built.Digest != digest || built.Sent != 0 {
		t.Errorf("building while pushing: %+v, want the digest %s and nothing sent", built, digest)
	}
	sconesJSON(t, &third, "image", "push", "--json", "--manifest", "oci", r.host+"/scones:v1", "--image", file)
	if third.Tag != r.host+"/scones:v1" || third.Skipped != 5 || third.Digest == digest {
		t.Errorf("with another manifest: %+v", third)
	}
	var index struct{ Manifests []struct{ Digest string } }
	getJSON(t, r.URL+"/v2/scones/referrers/"+digest, &index)
	if len(index.Manifests) != 1 || !strings.HasSuffix(bills[0], "@"+index.Manifests[0].Digest) {
		t.Fatalf("the image's referrers are %+v, want %s", index, bills)
	}
	var manifest struct {
		ArtifactType string
		Layers       []struct{ Digest string }
	}
	getJSON(t, r.URL+"/v2/scones/manifests/"+index.Manifests[0].Digest, &manifest)
	if manifest.ArtifactType != "application/spdx+json" || len(manifest.Layers) != 1 {
		t.Fatalf("the referrer is %+v", manifest)
	}
	response, err := http.Get(r.URL + "/v2/scones/blobs/" + manifest.Layers[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	attached, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if outside, err := os.ReadFile(bill); err != nil || !bytes.Equal(attached, outside) {
		t.Errorf("the bill of materials in the registry is not the one beside the image: %v", err)
	}
}

func getJSON(t *testing.T, url string, into any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// TestImagePushECR logs in through moto's ECR and pushes to a registry that asks for the password that it gave.
func TestImagePushECR(t *testing.T) {
	moto, r := startMoto(t), startRegistry(t)
	r.password = "123456789012-auth-token" // what moto gives
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": moto.front.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
	} {
		t.Setenv(name, value)
	}
	file := filepath.Join(t.TempDir(), "image.tar")
	sconesJSON(t, new(imageReport), "image", "build", "--json", "-o", file)
	for _, made := range []bool{true, false} {
		out, err := command(t, orttest.Library(t), "image", "push", "scones", "--image", file, "--registry", r.host).CombinedOutput()
		if err != nil || strings.Contains(string(out), "made the repository") != made || !strings.Contains(string(out), r.host+"/scones@sha256:") {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	if r.logins.Load() == 0 {
		t.Error("nobody logged in to the registry")
	}
	described := moto.post(t, "/", "ecr", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", `{"repositoryNames":["scones"]}`)
	if text := fmt.Sprint(described); !strings.Contains(text, "imageTagMutability:IMMUTABLE") || !strings.Contains(text, "scanOnPush:true") {
		t.Errorf("the repository is %s", text)
	}
}
