package mxnet

import (
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	shapesName = "model-shapes.json"
	// maxSymbolBytes bounds the symbol. ResNet-200 takes 0.6 MB, the largest in MXNet's own zoo 1.5 MB.
	maxSymbolBytes = 4 << 20
	maxShapesBytes = 64 << 10
	// maxMembers bounds the files of an artifact. SageMaker packs three, and one more for each further checkpoint.
	maxMembers = 10_000
)

// checkpoint matches the names that MXNet's save_checkpoint gives, "%s-%04d.params".
var checkpoint = regexp.MustCompile(`^(.*)-(\d{4,9})\.params$`)

// collection gathers the files of an artifact, wherever they lie.
type collection struct {
	want    int // epoch, 0 for the last
	tempDir string

	members    int
	symbolName string
	symbol     []byte
	shapes     []byte
	checks     map[int]string // names of the checkpoints by epoch
	paramsName string
	epoch      int
	params     io.ReaderAt
	paramsSize int64
	file       *os.File // params, or the spill that holds them
	spilled    bool
}

// opener gives the content of one file, which is size bytes long.
type opener func() (r io.Reader, size int64, err error)

// add looks at one file of the artifact; files of other kinds are left alone.
func (c *collection) add(name string, open opener) error {
	if c.members++; c.members > maxMembers {
		return fmt.Errorf("%w: more than %d files", ErrArtifact, maxMembers)
	}
	base := path.Base(name)
	if strings.HasPrefix(base, ".") { // "._x" is what macOS adds to archives
		return nil
	}
	switch parts := checkpoint.FindStringSubmatch(base); {
	case strings.HasSuffix(base, "-symbol.json"):
		if c.symbolName != "" {
			return fmt.Errorf("%w: two symbols, %q and %q", ErrArtifact, c.symbolName, base)
		}
		c.symbolName = base
		return read(&c.symbol, base, open, maxSymbolBytes)
	case base == shapesName:
		if c.shapes != nil {
			return fmt.Errorf("%w: two files named %q", ErrArtifact, shapesName)
		}
		return read(&c.shapes, base, open, maxShapesBytes)
	case parts != nil:
		epoch, err := strconv.Atoi(parts[2])
		if err != nil {
			return fmt.Errorf("%w: %q: %w", ErrArtifact, base, err)
		}
		return c.addCheckpoint(base, epoch, open)
	}
	return nil
}

// addCheckpoint keeps the checkpoint when it is the best so far: the one asked for, or the latest.
func (c *collection) addCheckpoint(name string, epoch int, open opener) error {
	if other, twice := c.checks[epoch]; twice {
		return fmt.Errorf("%w: two checkpoints of epoch %d, %q and %q", ErrArtifact, epoch, other, name)
	}
	if c.checks == nil {
		c.checks = map[int]string{}
	}
	c.checks[epoch] = name
	if c.want != 0 && epoch != c.want || c.params != nil && epoch < c.epoch {
		return nil
	}
	r, size, err := open()
	if err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	if err := c.hold(r, size); err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	c.paramsName, c.epoch = name, epoch
	return nil
}

// read takes a small file into memory.
func read(dst *[]byte, name string, open opener, limit int64) error {
	r, size, err := open()
	if err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	if size > limit {
		return fmt.Errorf("%w: %q has %d bytes, at most %d are read", ErrArtifact, name, size, limit)
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	if int64(len(data)) > limit {
		return fmt.Errorf("%w: %q has more than %d bytes", ErrArtifact, name, limit)
	}
	*dst = data
	return nil
}

// complete reports what is missing.
func (c *collection) complete() error {
	if c.symbolName == "" {
		return fmt.Errorf("%w: no file named NAME-symbol.json", ErrArtifact)
	}
	if len(c.checks) == 0 {
		return fmt.Errorf("%w: no file named NAME-NNNN.params", ErrArtifact)
	}
	if c.params == nil {
		return fmt.Errorf("%w: no checkpoint of epoch %d, there are %v", ErrArtifact, c.want, c.epochs())
	}
	prefix := strings.TrimSuffix(c.symbolName, "-symbol.json")
	for _, name := range c.checks {
		if other := checkpoint.FindStringSubmatch(name)[1]; other != prefix {
			return fmt.Errorf("%w: checkpoint %q does not belong to symbol %q", ErrArtifact, name, c.symbolName)
		}
	}
	return nil
}

func (c *collection) epochs() []int {
	var list []int
	for epoch := range c.checks {
		list = append(list, epoch)
	}
	slices.Sort(list)
	return list
}
