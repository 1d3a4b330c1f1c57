package graphcache

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/scones-unlimited/scones/model/atomicfile"
)

// A Draft is an entry in the making. ONNX Runtime writes the graph to [Draft.Path] and its weights beside it, then
// [Draft.Commit] gives it its name, or [Draft.Discard] removes it.
type Draft struct {
	cache *Cache
	key   Key
	dir   string
}

const partPrefix = "."

func isPart(name string) bool { return strings.HasPrefix(name, partPrefix) }

// Create begins an entry.
func (c *Cache) Create(k Key) (*Draft, error) {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the cache of optimised graphs: %w", err)
	}
	dir, err := os.MkdirTemp(c.Dir, partPrefix+k.name()+".*.part")
	if err != nil {
		return nil, fmt.Errorf("keep an optimised graph: %w", err)
	}
	return &Draft{c, k, dir}, nil
}

// Path is where the graph must be written.
func (d *Draft) Path() string { return filepath.Join(d.dir, graphName) }

// Discard removes the draft. After a Commit it does nothing.
func (d *Draft) Discard() {
	if d.dir != "" {
		_ = os.RemoveAll(d.dir) // what is left goes with the cache's next entry
	}
	d.dir = ""
}

// Commit notes what was written and gives the entry its name, then removes what makes the cache too large. On error the draft is
// gone, and the cache is as it was.
func (d *Draft) Commit() error {
	defer d.Discard()
	if err := d.seal(); err != nil {
		return fmt.Errorf("keep an optimised graph: %w", err)
	}
	name := d.key.name()
	if err := d.cache.remove(name); err != nil { // it is there only when it is damaged, or another process was as fast
		return fmt.Errorf("keep an optimised graph: %w", err)
	}
	if err := os.Rename(d.dir, filepath.Join(d.cache.Dir, name)); err != nil {
		return fmt.Errorf("keep an optimised graph: %w", err)
	}
	d.dir = ""
	return d.cache.trim(name)
}

// seal writes the checks. The files are not flushed to the disk: what a power failure loses, the checks find.
func (d *Draft) seal() error {
	c := checks{Version: version, Key: d.key, Files: map[string]check{}}
	for _, name := range []string{graphName, WeightsName} {
		found, err := checkOf(filepath.Join(d.dir, name))
		if errors.Is(err, fs.ErrNotExist) && name == WeightsName { // all are small and in the graph
			continue
		}
		if err != nil {
			return err
		}
		c.Files[name] = found
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(d.dir, checksName), append(data, '\n')); err != nil {
		return err
	}
	return os.Chmod(d.dir, 0o755)
}

// scan lists the entries, the most recently used first, and what unfinished drafts have left.
func (c *Cache) scan() (entries, stale []Entry, err error) {
	found, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("list the cache of optimised graphs: %w", err)
	}
	for _, f := range found {
		info, err := f.Info()
		if err != nil || !info.IsDir() { // it went meanwhile, or is nothing of ours
			continue
		}
		path := filepath.Join(c.Dir, f.Name())
		e := Entry{Name: f.Name(), Used: info.ModTime(), Bytes: sizeOf(path)}
		if isPart(f.Name()) {
			stale = append(stale, e)
			continue
		}
		if sums, err := readChecks(path); err == nil {
			e.Model, e.Runtime, e.Processor = sums.Model, sums.Runtime, sums.Processor
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.Used.Compare(a.Used) })
	return entries, stale, nil
}

func sizeOf(dir string) (n int64) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, f := range files {
		if info, err := f.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}

// staleAfter is when a draft can no longer be in the making.
const staleAfter = time.Hour

// trim removes the least recently used entries until the cache fits its bound, but not keep, and drafts that nobody finished.
func (c *Cache) trim(keep string) error {
	entries, stale, err := c.scan()
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range stale {
		if time.Since(s.Used) > staleAfter {
			errs = append(errs, c.remove(s.Name))
		}
	}
	var total int64
	for _, e := range entries {
		if total += e.Bytes; total > c.maxBytes() && e.Name != keep {
			errs = append(errs, c.remove(e.Name))
			total -= e.Bytes
		}
	}
	return errors.Join(errs...)
}
