package aws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// SyncOptions tune [PlanSync]. The zero value works.
type SyncOptions struct {
	// Delete also plans to delete what is below the prefix and not in the folder. The prefix must then not be empty.
	Delete bool
	// Workers are calls at a time, [DefaultSyncWorkers] when zero.
	Workers int
	// PartBytes is the least size of a part; files of four parts or more are sent in parts. [DefaultPartBytes] when zero; S3 takes 5 MiB or
	// more.
	PartBytes int64
	// Hashed is called after each file that was read to compare it, from several goroutines; it may be nil.
	Hashed func()
}

// The defaults of [SyncOptions].
const (
	DefaultSyncWorkers = 16
	DefaultPartBytes   = 16 << 20
)

// A SyncAction is what is done with an object.
type SyncAction string

// The actions.
const (
	SyncCreate SyncAction = "create" // it is not there
	SyncUpdate SyncAction = "update" // it is there with other bytes
	SyncKeep   SyncAction = "keep"   // it is there with these bytes
	SyncDelete SyncAction = "delete" // it is there and in no file
	SyncLeave  SyncAction = "leave"  // likewise, but nobody asked to delete
)

// A SyncChange is an object with what is to be done.
type SyncChange struct {
	Action SyncAction `json:"action"`
	Key    string     `json:"key"`
	Bytes  int64      `json:"bytes"`

	file string // below the folder
	sums *sums
}

// A Sync is the difference between a folder and a prefix of a bucket, as data. [Sync.Apply] makes it none.
type Sync struct {
	Bucket  string       `json:"bucket"`
	Prefix  string       `json:"prefix"` // ends with a slash, or is empty
	Changes []SyncChange `json:"changes"`

	client *s3.Client
	root   *os.Root
	o      SyncOptions
	sentFn func(bytes int64)
}

// PlanSync compares the files of a folder with the objects below s3://bucket/prefix. Objects are the same when their checksums are: the ETag
// where that is an MD5, and else the SHA-256 that S3 keeps. It writes nothing. Close the sync.
func PlanSync(ctx context.Context, c *Config, dir, uri string, o SyncOptions) (*Sync, error) {
	bucket, prefix, ok := ParseS3(uri)
	if !ok {
		return nil, fmt.Errorf("sync to %q: want s3://BUCKET/PREFIX", uri)
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	o.Workers = cmp.Or(o.Workers, DefaultSyncWorkers)
	o.PartBytes = cmp.Or(o.PartBytes, DefaultPartBytes)
	if prefix == "" && o.Delete {
		return nil, errors.New("sync with a whole bucket: deleting needs a prefix, so that nothing else is deleted")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Sync{Bucket: bucket, Prefix: prefix, client: s3.NewFromConfig(c.sdk, retrying), root: root, o: o}
	if err := s.compare(ctx); err != nil {
		root.Close()
		return nil, fmt.Errorf("compare %q with %q: %w", dir, uri, err)
	}
	return s, nil
}

// syncAttempts of each call: thousands of uploads meet a throttled moment.
const syncAttempts = 6

func retrying(o *s3.Options) { o.RetryMaxAttempts = syncAttempts }

// OnSent has a function called with the bytes of each upload, from several goroutines, during [Sync.Apply].
func (s *Sync) OnSent(f func(bytes int64)) { s.sentFn = f }

// Close releases the folder.
func (s *Sync) Close() error { return s.root.Close() }

// Count is the number of changes of an action, and their bytes.
func (s *Sync) Count(a SyncAction) (n int, bytes int64) {
	for _, c := range s.Changes {
		if c.Action == a {
			n, bytes = n+1, bytes+c.Bytes
		}
	}
	return n, bytes
}

// compare fills in the changes, in the order of their keys.
func (s *Sync) compare(ctx context.Context) error {
	there, err := s.list(ctx)
	if err != nil {
		return err
	}
	if err := s.files(); err != nil {
		return err
	}
	here := map[string]bool{}
	for i := range s.Changes {
		here[s.Changes[i].Key] = true
	}
	err = parallel(ctx, s.o.Workers, len(s.Changes), func(ctx context.Context, i int) error {
		change := &s.Changes[i]
		var err error
		if change.sums, err = s.sumsOf(ctx, change.file, change.Bytes); err != nil {
			return err
		}
		change.Action = SyncCreate
		if object, ok := there[change.Key]; ok {
			if change.Action, err = s.against(ctx, change, object); err != nil {
				return err
			}
		}
		if s.o.Hashed != nil {
			s.o.Hashed()
		}
		return nil
	})
	if err != nil {
		return err
	}
	for key, object := range there {
		if !here[key] {
			action := SyncLeave
			if s.o.Delete {
				action = SyncDelete
			}
			s.Changes = append(s.Changes, SyncChange{Action: action, Key: key, Bytes: object.bytes})
		}
	}
	slices.SortFunc(s.Changes, func(a, b SyncChange) int { return cmp.Compare(a.Key, b.Key) })
	return nil
}

// An object as a listing has it.
type object struct {
	bytes int64
	etag  string
}

// list reads what is below the prefix.
func (s *Sync) list(ctx context.Context) (map[string]object, error) {
	there := map[string]object{}
	for page, err := range listing(ctx, s.client, s.Bucket, s.Prefix, "") {
		if err != nil {
			return nil, err
		}
		for _, o := range page.Contents {
			there[awssdk.ToString(o.Key)] = object{awssdk.ToInt64(o.Size), strings.Trim(awssdk.ToString(o.ETag), `"`)}
		}
	}
	return there, nil
}

// files adds a change for every file of the folder but hidden ones. What is neither a file nor a folder is refused: a link's target would be
// uploaded under another name, or nothing.
func (s *Sync) files() error {
	return fs.WalkDir(s.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			return fmt.Errorf("%q is not a regular file", name)
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		s.Changes = append(s.Changes, SyncChange{Key: s.Prefix + filepath.ToSlash(name), Bytes: info.Size(), file: name})
		return nil
	})
}

// parallel calls work for 0 to n-1 on so many goroutines. The first error ends the rest and is returned.
func parallel(ctx context.Context, workers, n int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			for i := range next {
				if err := work(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}
