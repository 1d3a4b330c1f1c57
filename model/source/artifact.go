package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scones-unlimited/scones/model/atomicfile"
	"github.com/scones-unlimited/scones/model/mxnet"
	"github.com/scones-unlimited/scones/model/onnx"
)

// holdsArtifact tells whether a folder holds an unpacked SageMaker artifact.
func holdsArtifact(dir string) bool {
	found, err := filepath.Glob(filepath.Join(dir, "*-symbol.json"))
	return err == nil && len(found) > 0
}

// A converted file's record lies beside it. The hash tells a damaged file, which is made again.
type converted struct {
	SHA256   string   `json:"sha256"`
	Warnings []string `json:"warnings"`
}

// openArtifact converts an artifact into the cache, or takes what an earlier run converted.
func (s *Source) openArtifact(ctx context.Context, o Options) error {
	s.Kind = SageMaker
	dir, err := cacheDir(o.CacheDir)
	if err != nil {
		return err
	}
	key, err := artifactKey(s.Name, o)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, key+".onnx")
	if !s.takeConverted(path) {
		if err := s.convert(ctx, path, o); err != nil {
			return err
		}
	}
	if err := s.readONNX(path); err != nil {
		return err
	}
	s.Model, err = s.File.Manifest()
	return err
}

func cacheDir(dir string) (string, error) {
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find a place for converted models: %w", err)
		}
		dir = filepath.Join(user, "scones", "models")
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// artifactKey names a conversion by everything that its bytes depend on. A folder has no hash of its own, so its files' are taken.
func artifactKey(path string, o Options) (string, error) {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*")); err != nil {
			return "", err
		}
	}
	key := struct {
		Revision string
		Labels   []string
		Epoch    int
		Files    []string
	}{Revision: onnx.ConverterRevision, Labels: o.Labels, Epoch: o.Epoch}
	for _, file := range files {
		sum, err := hashFile(file)
		if err != nil {
			return "", err
		}
		key.Files = append(key.Files, sum)
	}
	text, err := json.Marshal(key)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// takeConverted reports whether path holds an earlier conversion, undamaged.
func (s *Source) takeConverted(path string) bool {
	data, err := readBounded(path+".json", 1<<20)
	if err != nil {
		return false
	}
	var record converted
	if json.Unmarshal(data, &record) != nil {
		return false
	}
	if sum, err := hashFile(path); err != nil || sum != record.SHA256 {
		return false
	}
	s.Warnings = record.Warnings
	return true
}

// convert writes the ONNX file and then its record, each whole or not at all: a file without a record is made again.
func (s *Source) convert(ctx context.Context, path string, o Options) (err error) {
	artifact, err := mxnet.Open(s.Name, mxnet.Options{Epoch: o.Epoch})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, artifact.Close()) }()
	if err := ctx.Err(); err != nil {
		return err
	}
	file, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	done, err := onnx.Export(io.MultiWriter(file, hash), artifact, onnx.ExportOptions{Labels: o.Labels, Name: filepath.Base(s.Name)})
	if err == nil {
		err = file.Commit()
	}
	if err != nil {
		return fmt.Errorf("convert %q: %w", s.Name, err)
	}
	s.Warnings = done.Warnings
	record, err := json.Marshal(converted{hex.EncodeToString(hash.Sum(nil)), done.Warnings})
	if err != nil {
		return err
	}
	return atomicfile.Write(path+".json", record)
}
