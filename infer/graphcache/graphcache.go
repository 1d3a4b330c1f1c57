// Package graphcache keeps graphs that ONNX Runtime has optimised, so that the next start needs neither to optimise them nor to read
// their weights: an optimised ResNet-152 is a small file, and 240 MB of weights that are mapped into memory as they lie.
//
// An entry is a folder with what ONNX Runtime wrote and a file of checks, written last; the folder takes its name when it is whole.
// [Cache.Find] returns an entry only after every byte of it was compared with its CRC-32C, which finds damage, not malice: who can
// write to the user's cache can also replace the program. The entries that were used least recently go when the cache is full.
//
// A graph is optimised for one processor: the blocked layouts of convolutions are as wide as its vectors. The [Key] says which.
package graphcache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// DefaultMaxBytes bounds a cache whose MaxBytes is zero.
const DefaultMaxBytes = 2_000_000_000

// ErrDamaged is wrapped when an entry is not what was written.
var ErrDamaged = errors.New("optimised graph is damaged")

// A Cache is a folder of optimised graphs. Several processes may share one.
type Cache struct {
	// Dir is made when it is first needed.
	Dir string
	// MaxBytes bounds the entries together; zero means [DefaultMaxBytes].
	MaxBytes int64
}

// Dir returns the usual folder, scones/graphs in the user's cache folder.
func Dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache folder: %w", err)
	}
	return filepath.Join(cache, "scones", "graphs"), nil
}

// MaxModelBytes is the largest model file that is worth an entry: one must not push all others out.
func (c *Cache) MaxModelBytes() int64 { return c.maxBytes() / 2 }

func (c *Cache) maxBytes() int64 {
	if c.MaxBytes > 0 {
		return c.MaxBytes
	}
	return DefaultMaxBytes
}

// The names in an entry.
const (
	graphName = "graph.onnx"
	// WeightsName is what ONNX Runtime must call the file of weights, which it puts beside the graph.
	WeightsName = "weights"
	checksName  = "checks.json"
)

// Find returns the path of a graph that was kept, and notes its use. Errors wrap [fs.ErrNotExist] when there is none and
// [ErrDamaged] when it cannot be trusted; either way the model itself is still there.
func (c *Cache) Find(k Key) (path string, err error) {
	entry := filepath.Join(c.Dir, k.name())
	if err := verify(entry, k); err != nil {
		return "", err
	}
	now := time.Now()
	_ = os.Chtimes(entry, now, now) // a cache that cannot be written serves as well
	return filepath.Join(entry, graphName), nil
}

// An Entry describes one kept graph.
type Entry struct {
	// Name of its folder.
	Name string `json:"name"`
	// Model, Runtime and Processor are the key's.
	Model     string `json:"model_sha256"`
	Runtime   string `json:"runtime"`
	Processor string `json:"processor"`
	// Bytes of its files.
	Bytes int64 `json:"bytes"`
	// Used is when it was last used or made.
	Used time.Time `json:"used"`
}

// Entries lists what is kept, the most recently used first. An entry without readable checks has no Model.
func (c *Cache) Entries() ([]Entry, error) {
	entries, _, err := c.scan()
	return entries, err
}

// Clear removes everything, and returns how many bytes that were.
func (c *Cache) Clear() (freed int64, err error) {
	entries, stale, err := c.scan()
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, e := range append(entries, stale...) {
		if err := c.remove(e.Name); err != nil {
			errs = append(errs, err)
			continue
		}
		freed += e.Bytes
	}
	if err := errors.Join(errs...); err != nil {
		return freed, fmt.Errorf("clear the cache of optimised graphs: %w", err)
	}
	return freed, nil
}

// remove takes an entry's name away first, so that no other process finds half of it. Who has its weights mapped keeps them.
func (c *Cache) remove(name string) error {
	path := filepath.Join(c.Dir, name)
	if gone := filepath.Join(c.Dir, partPrefix+name+".gone"); !isPart(name) && os.Rename(path, gone) == nil {
		path = gone
	}
	if err := os.RemoveAll(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
