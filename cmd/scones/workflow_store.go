package main

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/scones-unlimited/scones/aws/workflow"
	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// A folderStore is a folder that stands for buckets: a folder in it of a bucket's name is that bucket, else all of it is.
type folderStore struct {
	root  *os.Root
	whole bool // it is one bucket, whatever is in it
}

func openFolderStore(name string) (*folderStore, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &folderStore{root: root}, nil
}

// name is an object's file, relative to the folder.
func (s *folderStore) name(bucket, key string) string {
	if s.whole {
		return path.Clean(key)
	}
	if info, err := s.root.Stat(path.Clean("/" + bucket)[1:]); err == nil && info.IsDir() && bucket != "" {
		return path.Join(bucket, key)
	}
	return path.Clean(key)
}

// Get reads an object; its ETag is the MD5 of its bytes, as S3 has it.
func (s *folderStore) Get(_ context.Context, object workflow.Reference, limit int64) ([]byte, workflow.Reference, error) {
	data, err := s.read(s.name(object.Bucket, object.Key), limit)
	if err != nil {
		return nil, object, &workflow.Error{Name: storeErrorName(err), Err: fmt.Errorf("read s3://%s/%s: %w", object.Bucket, object.Key, err)}
	}
	sum := md5.Sum(data)
	etag := hex.EncodeToString(sum[:])
	if object.ETag != "" && object.ETag != etag {
		return nil, object, &workflow.Error{Name: workflow.ObjectNotFound, Err: fmt.Errorf("s3://%s/%s has changed since it was serialized", object.Bucket, object.Key)}
	}
	object.ETag = etag
	return data, object, nil
}

// errTooLarge is an object beyond the limit.
var errTooLarge = errors.New("too many bytes")

func storeErrorName(err error) string {
	switch {
	case errors.Is(err, errTooLarge):
		return workflow.ImageTooLarge
	case errors.Is(err, fs.ErrNotExist):
		return workflow.ObjectNotFound
	}
	return workflow.ObjectDenied // not to be read, no file, or outside of the folder
}

func (s *folderStore) read(name string, limit int64) ([]byte, error) {
	info, err := s.root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is no file")
	}
	file, err := s.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, cause(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%w: more than %d, the limit", errTooLarge, limit)
	}
	return data, err
}

// cause takes the path off an error that names it already.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// maxListObject bounds a list of pictures that a Distributed Map reads.
const maxListObject = 256 << 20

// Read reads an object for a Distributed Map.
func (s *folderStore) Read(_ context.Context, bucket, key string) ([]byte, error) {
	data, err := s.read(s.name(bucket, key), maxListObject)
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	return data, nil
}

// List yields the objects of a bucket below a prefix, without hidden ones.
func (s *folderStore) List(ctx context.Context, bucket, prefix string) iter.Seq2[asl.Object, error] {
	base := s.name(bucket, "")
	return func(yield func(asl.Object, error) bool) {
		err := fs.WalkDir(s.root.FS(), base, func(name string, entry fs.DirEntry, err error) error {
			key := strings.TrimPrefix(strings.TrimPrefix(name, base), "/")
			if base == "." {
				key = name
			}
			switch {
			case err != nil || ctx.Err() != nil:
				return errors.Join(err, ctx.Err())
			case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != base:
				return fs.SkipDir
			case !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), ".") || !strings.HasPrefix(key, prefix):
				return nil
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if !yield(asl.Object{Key: key, Size: info.Size(), Modified: info.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(asl.Object{}, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, err))
		}
	}
}

// Write makes an object.
func (s *folderStore) Write(_ context.Context, bucket, key string, data []byte) error {
	name := filepath.FromSlash(s.name(bucket, key))
	if err := s.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", bucket, key, err)
	}
	if err := s.root.WriteFile(name+".part", data, 0o644); err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", bucket, key, err)
	}
	if err := s.root.Rename(name+".part", name); err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}
