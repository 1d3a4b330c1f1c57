package capture

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/google/uuid"
)

// DefaultVariant is what SageMaker's SDK calls the one variant of an endpoint.
const DefaultVariant = "AllTraffic"

// Roll is how long a file takes records, from its first one on. In SageMaker's files a record 59 seconds behind the first is in the
// same file, one 71 seconds behind in the next.
const Roll = time.Minute

// WriterOptions say where a [Writer] writes.
type WriterOptions struct {
	// Dir is the folder that stands for DestinationS3Uri; it is made when it is not there.
	Dir string
	// Endpoint names the first folder below it, as SageMaker's endpoints are named: letters, digits and hyphens.
	Endpoint string
	// Variant names the second; empty means [DefaultVariant].
	Variant string
	// Finished is called with the path of each file that will take no more records, relative to Dir, separators slashes; in the
	// goroutine that finished it. It must not call the Writer.
	Finished func(name string)
}

// A Writer appends records to files that are laid out and named as SageMaker's:
//
//	Dir/endpoint/variant/yyyy/mm/dd/hh/MM-SS-mmm-uuid.jsonl
//
// all in UTC, by the time of the file's first record. A file ends [Roll] after it began, with the hour, and with the Writer. Each
// record is one write of one line: a process that is killed leaves whole lines, the last one perhaps aside. It is safe for concurrent
// use. Close it.
type Writer struct {
	o     WriterOptions
	root  *os.Root
	mu    sync.Mutex
	file  *os.File
	name  string
	hour  time.Time
	ends  time.Time
	timer *time.Timer
	late  error // the first of a file that ended by itself
	done  bool
}

// ErrClosed is returned for a Writer that was closed.
var ErrClosed = errors.New("capture writer is closed")

// names are those that SageMaker allows; no path can hide in them.
var names = regexp.MustCompile(`^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$`)

// NewWriter prepares the folder. No file is made before the first record.
func NewWriter(o WriterOptions) (*Writer, error) {
	if o.Variant == "" {
		o.Variant = DefaultVariant
	}
	for what, name := range map[string]string{"endpoint": o.Endpoint, "variant": o.Variant} {
		if !names.MatchString(name) {
			return nil, fmt.Errorf("write captures: %s name %q: 1 to 63 letters, digits and hyphens, neither end a hyphen", what, name)
		}
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("write captures: %w", err)
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("write captures: %w", err)
	}
	return &Writer{o: o, root: root}, nil
}

// Write appends a record that was answered at this moment. The record's own inferenceTime is the caller's to set. An error leaves the
// Writer usable: the next record begins a new file.
func (w *Writer) Write(r *Record, at time.Time) error {
	line, err := r.Line()
	if err != nil {
		return err
	}
	at = at.UTC()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return ErrClosed
	}
	if w.file != nil && (!at.Before(w.ends) || !at.Truncate(time.Hour).Equal(w.hour)) {
		w.late = cmp.Or(w.late, w.finish())
	}
	if w.file == nil {
		if err := w.begin(at); err != nil {
			return fmt.Errorf("write captures: %w", err)
		}
	}
	if _, err := w.file.Write(line); err != nil {
		return errors.Join(fmt.Errorf("write captures: %w", err), w.finish())
	}
	return nil
}

// Name of a file whose first record was answered at this moment, relative to the folder of endpoint and variant.
func fileName(at time.Time, id string) string {
	return fmt.Sprintf("%s-%03d-%s.jsonl", at.Format("2006/01/02/15/04-05"), at.Nanosecond()/int(time.Millisecond), id)
}

func (w *Writer) begin(at time.Time) error {
	id, err := uuid.NewRandom()
	if err != nil {
		return err
	}
	name := path.Join(w.o.Endpoint, w.o.Variant, fileName(at, id.String()))
	local := filepath.FromSlash(name)
	if err := w.root.MkdirAll(filepath.Dir(local), 0o755); err != nil {
		return err
	}
	file, err := w.root.OpenFile(local, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	w.file, w.name, w.hour, w.ends = file, name, at.Truncate(time.Hour), at.Add(Roll)
	// Without another record nothing else would finish the file.
	w.timer = time.AfterFunc(Roll, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.name == name {
			w.late = cmp.Or(w.late, w.finish())
		}
	})
	return nil
}

// finish ends the file under the lock.
func (w *Writer) finish() error {
	if w.file == nil {
		return nil
	}
	w.timer.Stop()
	err := w.file.Close()
	name := w.name
	w.file, w.name = nil, ""
	if w.o.Finished != nil {
		w.o.Finished(name)
	}
	if err != nil {
		return fmt.Errorf("write captures %q: %w", name, err)
	}
	return nil
}

// Close finishes the last file. Its error holds those of files that were finished before.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return nil
	}
	w.done = true
	return errors.Join(w.late, w.finish(), w.root.Close())
}
