package serve

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scones-unlimited/scones/infer/capture"
)

// captureParts is how many files the bound on the disk holds at least, so that the oldest can go without most of the rest.
const captureParts = 8

// A captureDisk is a [capture.Writer] whose files take no more than a number of bytes together, those of earlier runs included. One
// goroutine uses it.
type captureDisk struct {
	o       capture.WriterOptions
	most    int64
	metrics *captureMetrics
	writer  *capture.Writer
	root    *os.Root
	files   []captureFile // finished, the oldest first
	total   int64         // of them
	open    int64         // bytes in the file that is written
	ended   chan string   // files that the writer finished
	// shipment takes finished files away; nil leaves them.
	shipment *shipment
}

type captureFile struct {
	name string
	size int64
}

func newCaptureDisk(o capture.WriterOptions, most int64, m *captureMetrics) (*captureDisk, error) {
	d := &captureDisk{o: o, most: most, metrics: m, ended: make(chan string, 64)}
	d.o.Finished = func(name string) {
		d.ended <- name
		d.shipment.add(name)
	}
	var err error
	if d.writer, err = capture.NewWriter(d.o); err != nil {
		return nil, err
	}
	if d.root, err = os.OpenRoot(o.Dir); err != nil {
		return nil, errors.Join(fmt.Errorf("write captures: %w", err), d.writer.Close())
	}
	err = fs.WalkDir(d.root.FS(), path.Join(o.Endpoint, o.Variant), func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the first run
		}
		if err == nil && entry.Type().IsRegular() && path.Ext(name) == ".jsonl" {
			err = d.add(name)
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("list captures: %w", err), d.close())
	}
	m.bytes.Set(float64(d.total))
	return d, nil
}

func (d *captureDisk) add(name string) error {
	info, err := d.root.Stat(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody fetched it
	}
	if err != nil {
		return err
	}
	d.files = append(d.files, captureFile{name, info.Size()})
	d.total += info.Size()
	return nil
}

// write appends a record, and makes room for it first.
func (d *captureDisk) write(r *capture.Record, at time.Time) error {
	line, err := r.Line()
	if err != nil {
		return err
	}
	size := int64(len(line))
	if _, err := d.collect(); err != nil {
		return err
	}
	if d.open > 0 && d.open+size > d.most/captureParts {
		if err := d.roll(); err != nil {
			return err
		}
	}
	if err := d.room(size); err != nil {
		return err
	}
	d.open += size
	err = d.writer.Write(r, at)
	rolled, collectErr := d.collect()
	if rolled { // the record began a file
		d.open = size
	}
	d.metrics.bytes.Set(float64(d.total + d.open))
	return errors.Join(err, collectErr)
}

// collect takes in the files that the writer finished, and reports whether there were any. It lets go of those that were shipped.
func (d *captureDisk) collect() (any bool, err error) {
	for _, name := range d.shipment.shipped() {
		if i := slices.IndexFunc(d.files, func(f captureFile) bool { return f.name == name }); i >= 0 {
			d.total -= d.files[i].size
			d.files = slices.Delete(d.files, i, i+1)
		}
		prune(d.root, name)
	}
	for {
		select {
		case name := <-d.ended:
			d.open, any = 0, true
			if err := d.add(name); err != nil {
				return any, err
			}
		default:
			return any, nil
		}
	}
}

// roll finishes the file before its minute is over.
func (d *captureDisk) roll() error {
	err := d.writer.Close()
	next, openErr := capture.NewWriter(d.o)
	if openErr == nil {
		d.writer = next
	}
	_, collectErr := d.collect()
	return errors.Join(err, openErr, collectErr)
}

// room removes the oldest files until so many bytes fit.
func (d *captureDisk) room(size int64) error {
	for d.total+d.open+size > d.most {
		if len(d.files) == 0 {
			return fmt.Errorf("write captures: a record of %d bytes does not fit in %d", size, d.most)
		}
		oldest := d.files[0]
		if err := d.root.Remove(filepath.FromSlash(oldest.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make room for captures: %w", err)
		}
		d.files, d.total = d.files[1:], d.total-oldest.size
		d.metrics.removed.Inc()
		prune(d.root, oldest.name)
	}
	return nil
}

// prune removes the folders of a file that is gone, up to that of the variant, as far as they are empty.
func prune(root *os.Root, name string) {
	for dir := path.Dir(name); strings.Count(dir, "/") > 1; dir = path.Dir(dir) {
		if root.Remove(filepath.FromSlash(dir)) != nil { // the hour has other files
			return
		}
	}
}

func (d *captureDisk) close() error {
	return errors.Join(d.writer.Close(), d.root.Close())
}

// Why a record is dropped.
const (
	dropBacklog = "backlog" // the disk is slower than the requests
	dropDisk    = "disk"    // it could not be written
)

// captureMetrics are the figures of captures.
type captureMetrics struct {
	captured     prometheus.Counter
	dropped      *prometheus.CounterVec
	removed      prometheus.Counter
	bytes        prometheus.Gauge
	shipped      prometheus.Counter
	shipFailures prometheus.Counter
	waiting      prometheus.Gauge
}

func newCaptureMetrics(r *prometheus.Registry) *captureMetrics {
	m := &captureMetrics{
		captured:     prometheus.NewCounter(prometheus.CounterOpts{Name: "scones_captured_total", Help: "Requests that were recorded."}),
		dropped:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scones_capture_dropped_total", Help: "Requests that should have been recorded and were not, by reason."}, []string{"reason"}),
		removed:      prometheus.NewCounter(prometheus.CounterOpts{Name: "scones_capture_files_removed_total", Help: "Oldest files of records that went to make room."}),
		bytes:        prometheus.NewGauge(prometheus.GaugeOpts{Name: "scones_capture_bytes", Help: "Size of the files of records."}),
		shipped:      prometheus.NewCounter(prometheus.CounterOpts{Name: "scones_capture_files_shipped_total", Help: "Files of records that were shipped, such as to S3."}),
		shipFailures: prometheus.NewCounter(prometheus.CounterOpts{Name: "scones_capture_ship_failures_total", Help: "Attempts to ship a file of records that failed; it is tried again."}),
		waiting:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "scones_capture_files_waiting", Help: "Finished files of records that wait to be shipped."}),
	}
	m.dropped.WithLabelValues(dropBacklog)
	m.dropped.WithLabelValues(dropDisk)
	r.MustRegister(m.captured, m.dropped, m.removed, m.bytes, m.shipped, m.shipFailures, m.waiting)
	return m
}
