package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort"
	"github.com/scones-unlimited/scones/infer/serve"
	"github.com/scones-unlimited/scones/model/source"
	"github.com/scones-unlimited/scones/preprocess"
)

// A modelShop opens models for a server, whenever it asks.
type modelShop struct {
	c     *cli.Context
	o     *serveOptions
	cores int
	seek  func() (ort.Library, error)
}

func newModelShop(c *cli.Context, o *serveOptions) *modelShop {
	shop := &modelShop{c, o, coresFromFlags(c), seekRuntime(c, o.device)}
	go preprocess.Decoder() // which loads a library too, once
	return shop
}

// offerModels puts the models in service: all of them, or with --memory the first, and the others once they are asked for.
func offerModels(c *cli.Context, o *serveOptions, server *serve.Server, shop *modelShop) error {
	for i, ref := range o.models {
		if err := server.Offer(shop.source(ref)); err != nil {
			return err
		}
		if i > 0 && o.server.Memory > 0 {
			continue
		}
		if err := server.Load(c.Context, ref.name); err != nil {
			return err
		}
	}
	return nil
}

// source is how a server gets at a model.
func (shop *modelShop) source(ref modelRef) serve.Source {
	files := &watchedFiles{path: ref.path}
	from := serve.Source{Name: ref.name, Path: ref.path, Load: func(ctx context.Context, have string, room func(int64) error) (serve.Model, error) {
		return shop.open(ctx, ref, files, have, room)
	}}
	if ref.path != source.BuiltinName && ref.path != source.BuiltinInt8Name {
		from.Stamp = files.stamp
	}
	return from
}

// open reads a model and gives its weights to the runtime.
func (shop *modelShop) open(ctx context.Context, ref modelRef, files *watchedFiles, have string, room func(int64) error) (serve.Model, error) {
	c, o, start := shop.c, shop.o, time.Now()
	s, err := openModel(c, ref.path)
	if err != nil {
		return serve.Model{}, err
	}
	files.beside(s)
	m := serve.Model{Name: ref.name, SHA256: s.SHA256, Contract: s.Model.ContractHash(), Memory: weightBytes(s)}
	if m.Identity() == have {
		return m, serve.ErrUnchanged
	}
	if err := room(m.Memory); err != nil {
		return m, err
	}
	library, err := shop.seek()
	if err != nil {
		return m, err
	}
	classifier, session, err := newClassifier(ctx, s, infer.SessionOptions{
		Library: library, Device: o.device, Threads: c.Int("call-threads"), Graphs: graphsFromFlags(c),
	}, o.limits)
	if err != nil {
		return m, err
	}
	info := session.Info()
	sayFallback(c, info)
	m.Classifier, m.Plan, m.Close = classifier, planFromFlags(c, s, shop.cores, info.Device), session.Close
	m.Opening = time.Since(start)
	m.Runtime, m.Device, m.Decoder = "onnxruntime "+info.Library.Version, string(info.Device), preprocess.Decoder()
	return m, nil
}

// weightBytes estimates what a model takes: its weights as they lie in the file, and once more as the runtime packs them.
func weightBytes(s *source.Source) int64 {
	size := int64(len(s.Data))
	for _, name := range modelFiles(s) {
		if info, err := os.Stat(name); err == nil {
			size += info.Size()
		}
	}
	return 2 * size
}

// modelFiles are the ONNX file and those with weights beside it; none for a model in memory.
func modelFiles(s *source.Source) []string {
	if s.Path == "" {
		return nil
	}
	files := []string{s.Path}
	for _, name := range s.File.SideFiles() {
		files = append(files, filepath.Join(filepath.Dir(s.Path), name))
	}
	return files
}

// watchedFiles are those whose change may mean another model.
type watchedFiles struct {
	path string
	mu   sync.Mutex
	side []string
}

// beside takes in the files that an opened model names.
func (w *watchedFiles) beside(s *source.Source) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.side = modelFiles(s)
}

// maxWatched bounds the files of a folder that are looked at.
const maxWatched = 1000

// stamp says by size and time which files there are.
func (w *watchedFiles) stamp() (string, error) {
	var b strings.Builder
	note := func(name string, info fs.FileInfo) {
		fmt.Fprintf(&b, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
	}
	info, err := os.Stat(w.path)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		seen := 0
		err := filepath.WalkDir(w.path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if seen++; seen > maxWatched {
				return fs.SkipAll
			}
			info, err := os.Stat(name) // what a link points to
			if err == nil {
				note(name, info)
			}
			return nil
		})
		return b.String(), err
	}
	w.mu.Lock()
	names := slices.Clone(w.side)
	w.mu.Unlock()
	sidecar := strings.TrimSuffix(w.path, filepath.Ext(w.path)) + ".json"
	for _, name := range append(names, w.path, sidecar) {
		if info, err := os.Stat(name); err == nil {
			note(name, info)
		}
	}
	return b.String(), nil
}

// sageMakerStore is where SageMaker unpacks the models of a multi-model endpoint.
const sageMakerStore = "/opt/ml/models"

// multiModel tells a SageMaker container of a multi-model endpoint.
func multiModel() bool { return os.Getenv("SAGEMAKER_MULTI_MODEL") == "true" }

// modelStore is the folder from which models are loaded on request, empty for none.
func modelStore(c *cli.Context) string {
	if dir := c.String("model-store"); dir != "" || !multiModel() {
		return dir
	}
	return sageMakerStore
}

// store finds what POST /models names below a folder. No link leads out of it.
func (shop *modelShop) store(dir string) func(name, url string) (serve.Source, error) {
	return func(name, url string) (serve.Source, error) {
		root, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return serve.Source{}, err
		}
		path, err := filepath.EvalSymlinks(strings.TrimPrefix(url, "file://"))
		if err != nil {
			return serve.Source{}, err
		}
		if inside, err := filepath.Rel(root, path); err != nil || !filepath.IsLocal(inside) || inside == "." {
			return serve.Source{}, errors.New("the path leads out of the model store")
		}
		from := shop.source(modelRef{name, path})
		from.Stamp = nil // SageMaker loads what changed under another name
		return from, nil
	}
}

// reloadOnSignal looks for changed models when the process gets SIGHUP, until ctx ends.
func reloadOnSignal(ctx context.Context, server *serve.Server) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case <-signals:
				_ = server.Reload(ctx) // the log has it
			case <-ctx.Done():
				return
			}
		}
	}()
}
