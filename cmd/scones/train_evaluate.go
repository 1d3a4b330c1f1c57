package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// evaluate asks the exported model for the test pictures.
func (h *homecoming) evaluate(r *trainReport) error {
	folder := h.c.String("test")
	if folder == "" {
		folder = filepath.Join(h.out, "data")
		if found, err := h.fetchTest(folder); err != nil || !found {
			return err
		}
	}
	args := []string{"evaluate", "--json", "--model", r.Model, "--lst", filepath.Join(folder, "test.lst"), "--data", filepath.Join(folder, "test")}
	if library := h.c.String("onnxruntime"); library != "" {
		args = append(args, "--onnxruntime", library)
	}
	var out bytes.Buffer
	if err := h.own(&out, args...); err != nil {
		return err
	}
	report := new(evaluate.Report)
	if err := json.Unmarshal(out.Bytes(), report); err != nil {
		return fmt.Errorf("read the evaluation: %w", err)
	}
	r.Test = &report.Accuracy
	return atomicfile.Write(filepath.Join(h.out, "evaluation.json"), out.Bytes())
}

// maxTest bounds the test pictures that are fetched.
const maxTest = 100_000

// fetchTest copies the test list and its pictures from S3, those that are not here yet. False tells that there is no test list.
func (h *homecoming) fetchTest(folder string) (bool, error) {
	if h.data == "" {
		return false, nil
	}
	there, err := h.service.Exists(h.c.Context, h.data+"/test.lst")
	if err != nil || !there {
		return false, err
	}
	if err := os.MkdirAll(filepath.Join(folder, "test"), 0o755); err != nil {
		return false, err
	}
	list := filepath.Join(folder, "test.lst")
	if err := h.fetch(h.data+"/test.lst", list); err != nil {
		return false, err
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return false, err
	}
	root, err := os.OpenRoot(filepath.Join(folder, "test"))
	if err != nil {
		return false, err
	}
	defer root.Close()
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) > maxTest {
		return false, &hintedError{fmt.Errorf("%s/test.lst has %d pictures, at most %d are fetched", h.data, len(lines), maxTest), "name a folder that has them with --test"}
	}
	bar := newProgress(h.c.App.ErrWriter, "fetch test pictures", int64(len(lines)), false)
	defer bar.Clear()
	for _, line := range lines {
		fields := strings.Split(strings.TrimRight(line, "\r"), "\t")
		name := fields[len(fields)-1]
		if !fs.ValidPath(name) {
			return false, fmt.Errorf("%s/test.lst: %q is no path below a folder", h.data, name)
		}
		if err := h.fetchPicture(root, name); err != nil {
			return false, err
		}
		_ = bar.Add(1)
	}
	return true, nil
}

// fetchPicture copies one picture below a root that no name leads out of.
func (h *homecoming) fetchPicture(root *os.Root, name string) error {
	if _, err := root.Stat(name); err == nil {
		return nil
	}
	data, err := h.service.Picture(h.c.Context, h.data+"/test/"+name)
	if err != nil {
		return err
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	part := name + ".part"
	if err := root.WriteFile(part, data, 0o644); err != nil {
		return err
	}
	return root.Rename(part, name)
}
