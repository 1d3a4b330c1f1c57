package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/scones-unlimited/scones/model/atomicfile"
)

// ReportFile is the report in a staged folder, by which it is known for one. LabelsFile has the classes, a line each.
const (
	ReportFile = "stage.json"
	LabelsFile = "labels.txt"
)

// ErrNotStaged is wrapped when a folder would be replaced that was not made by [Stage.Write].
var ErrNotStaged = errors.New("it is not empty and was not staged before")

// WriteOptions of [Stage.Write].
type WriteOptions struct {
	// Records also writes train.rec, test.rec and their .idx files.
	Records bool
	// Progress is called after each picture and may be nil.
	Progress func()
}

// Write puts the pictures, the lists and the report into a folder. It takes the name when it is complete, and replaces one that was
// staged before; another one gives an error that wraps [ErrNotStaged].
func (s *Stage) Write(ctx context.Context, dir string, o WriteOptions) error {
	if err := s.write(ctx, filepath.Clean(dir), o); err != nil {
		return fmt.Errorf("stage into %q: %w", dir, err)
	}
	return nil
}

func (s *Stage) write(ctx context.Context, dir string, o WriteOptions) error {
	if err := replaceable(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*.part")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp) // the old folder, when all went well
	fresh := filepath.Join(temp, "new")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return err
	}
	if err := s.writePictures(ctx, fresh, o.Progress); err != nil {
		return err
	}
	for _, part := range Parts {
		if err := s.writeList(ctx, fresh, part, o.Records); err != nil {
			return err
		}
	}
	if err := s.writeReport(fresh); err != nil {
		return err
	}
	if err := os.Rename(dir, filepath.Join(temp, "old")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(fresh, dir)
}

// replaceable tells whether a folder may be replaced.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == ReportFile }) {
		return ErrNotStaged
	}
	return nil
}

// writePictures writes every picture on all cores, and gives each the name that its list will have. An error is of the first that fails.
func (s *Stage) writePictures(ctx context.Context, dir string, progress func()) error {
	e, err := newEncoder(s.limits)
	if err != nil {
		return err
	}
	names := newNames()
	for i := range s.pictures {
		names.claim(&s.pictures[i])
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, converted atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(s.pictures) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				p := &s.pictures[i]
				changed, err := e.put(dir, p)
				if err != nil {
					cancel(fmt.Errorf("%q: %w", p.Name, err))
					return
				}
				if changed {
					converted.Add(1)
				}
				if progress != nil {
					progress()
				}
			}
		})
	}
	wg.Wait()
	s.Converted = int(converted.Load())
	return context.Cause(ctx)
}

// put writes one picture.
func (e *encoder) put(dir string, p *Picture) (converted bool, err error) {
	data, ext, converted, err := e.encode(p)
	if err != nil {
		return false, err
	}
	if converted || !sameKind(path.Ext(p.File), ext) {
		p.File += ext
	}
	to := filepath.Join(dir, string(p.Part), filepath.FromSlash(p.File))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return false, err
	}
	return converted, os.WriteFile(to, data, 0o644)
}

// sameKind tells whether a file's extension fits its format.
func sameKind(has, want string) bool {
	has = strings.ToLower(has)
	return has == want || want == ".jpg" && slices.Contains([]string{".jpeg", ".jpe", ".jfif"}, has)
}

// names makes the names of files safe in lists, and different in each part.
type names map[string]bool

func newNames() names { return names{} }

func (n names) claim(p *Picture) {
	p.File = safe(p.File)
	ext := path.Ext(p.File)
	stem := strings.TrimSuffix(p.File, ext)
	for i := 2; n.taken(p); i++ {
		p.File = fmt.Sprintf("%s-%d%s", stem, i, ext)
	}
	for _, converted := range extensions {
		n[nameIn(p, converted)] = true
	}
}

// extensions that a file may get behind its own.
var extensions = []string{"", ".png", ".jpg"}

func (n names) taken(p *Picture) bool {
	return slices.ContainsFunc(extensions, func(ext string) bool { return n[nameIn(p, ext)] })
}

// nameIn is a name without regard to case, because some file systems have none.
func nameIn(p *Picture, ext string) string { return string(p.Part) + "/" + strings.ToLower(p.File+ext) }

// safe is a path without what a list cannot hold or a folder could be left by.
func safe(file string) string {
	file = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || strings.ContainsRune(`\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, file)
	return strings.TrimPrefix(path.Clean("/"+file), "/")
}

func (s *Stage) writeReport(dir string) error {
	r := s.Report
	r.Findings = slices.Clone(r.Findings)
	for i := range r.Findings {
		r.Findings[i].Cases = nil // names of what is not here; their number is in the text
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(dir, LabelsFile), []byte(strings.Join(s.Source.Classes, "\n")+"\n")); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, ReportFile), append(data, '\n'))
}
