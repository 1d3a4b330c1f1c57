package main

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/scones-unlimited/scones/aws/gatewaytest"
	"github.com/scones-unlimited/scones/aws/mototest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// TestAroundAtMoto goes once around at moto, with the objects at versitygw, and scones serve for the endpoint. Boto3 does what the services
// would, and looks what exists.
func TestAroundAtMoto(t *testing.T) {
	python := os.Getenv("SCONES_TEST_CLIENTS")
	if python == "" {
		orttest.Missing(t, "clients", "SCONES_TEST_CLIENTS names no Python with boto3")
	}
	library := orttest.Library(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	moto, runtime := mototest.Start(t), mototest.FreeAddress(t)
	cloud := mototest.Environment(t, moto)
	delete(cloud, "AWS_PROFILE") // boto3 takes an empty one for a name
	maps.Copy(cloud, map[string]string{
		"AWS_ENDPOINT_URL_S3": gatewaytest.StartBesideMoto(t, moto), "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "http://" + runtime,
		"AWS_ACCESS_KEY_ID": gatewaytest.Account, "AWS_DEFAULT_REGION": "us-east-1",
	})
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script/moto",
		Setup: func(env *testscript.Env) error {
			for name, value := range cloud {
				env.Setenv(name, value)
			}
			env.Setenv("ROOT", root)
			env.Setenv("BOTO", python)
			env.Setenv("LOOK", filepath.Join(root, "cmd/scones/testdata/boto_look.py"))
			env.Setenv("RUNTIME", runtime)
			env.Setenv("ONNXRUNTIME_LIB", library)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
			return nil
		},
	})
}
