package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scones": main, "captures": captures})
}

// TestScripts runs the command as people do. Scripts in the folder ort infer and need the runtime, those in plain do not.
// UPDATE=1 rewrites what they expect.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"plain", "ort"} {
		t.Run(kind, func(t *testing.T) {
			library := ""
			if kind == "ort" {
				library = orttest.Library(t)
			}
			testscript.Run(t, testscript.Params{
				Dir:           filepath.Join("testdata/script", kind),
				UpdateScripts: os.Getenv("UPDATE") != "",
				Setup: func(env *testscript.Env) error {
					env.Setenv("ROOT", root)
					env.Setenv("ONNXRUNTIME_LIB", library)
					env.Setenv("HOME", env.WorkDir)
					env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
					return nil
				},
			})
		})
	}
}
