package stage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/scones-unlimited/scones/preprocess"
)

// Limits of a list: the bytes of a line, as Linux limits a path to 4096, and the classes that a number may name.
const (
	maxLine    = 64 << 10
	maxClasses = 100_000
)

// lists adds what the lists in a folder name: train.lst, validation.lst and test.lst. A path is relative to the folder of the list's name, as
// SageMaker has it, or to the folder itself.
func (s *Source) lists(ctx context.Context, dir string) error {
	root, err := os.OpenRoot(dir) // pictures are opened later; the garbage collector closes it
	if err != nil {
		return err
	}
	var bad, twice, unlisted []Case
	for _, part := range Parts {
		name := string(part) + ".lst"
		if !isFile(filepath.Join(dir, name)) {
			continue
		}
		s.Split = s.Split || part == Test
		l := &listReader{source: s, root: root, dir: dir, part: part, seen: map[string]string{}}
		if err := l.read(ctx, name); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		bad, twice = append(bad, l.bad...), append(twice, l.twice...)
		left, err := l.unlisted(ctx)
		if err != nil {
			return err
		}
		unlisted = append(unlisted, left...)
	}
	if !s.Split {
		for i := range s.Pictures {
			s.Pictures[i].Part = Unsplit
		}
	}
	s.Findings = slices.Concat(found(BadRow, bad), found(TwoLabels, twice), found(Unlisted, unlisted))
	return nil
}

// A listReader reads one list.
type listReader struct {
	source     *Source
	root       *os.Root
	dir        string
	part       Part
	seen       map[string]string // labels by path
	bad, twice []Case
}

func (l *listReader) read(ctx context.Context, name string) error {
	in, err := l.root.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for number := 1; lines.Scan(); number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := strings.TrimRight(lines.Text(), "\r")
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := l.row(text); err != nil {
			l.bad = append(l.bad, Case{Part: l.part, Text: fmt.Sprintf("%s line %d: %v", name, number, err)})
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("a line has more than %d bytes", maxLine)
	}
	return lines.Err()
}

// row adds the picture of a line.
func (l *listReader) row(text string) error {
	fields := strings.Split(text, "\t")
	if len(fields) != 3 || fields[2] == "" {
		return fmt.Errorf("%d fields, want index, class and path with tabs between", len(fields))
	}
	index, err := strconv.ParseFloat(fields[0], 64)
	if err != nil || index != float64(int(index)) || index < 0 {
		return fmt.Errorf("index %.40q is no number", fields[0])
	}
	class, err := strconv.ParseFloat(fields[1], 64) // im2rec writes 0.000000
	if err != nil || class != float64(int(class)) || class < 0 || class >= maxClasses {
		return fmt.Errorf("class %.40q is no number from 0", fields[1])
	}
	for len(l.source.Classes) <= int(class) {
		l.source.Classes = append(l.source.Classes, fmt.Sprintf("class_%d", len(l.source.Classes)))
	}
	label := l.source.Classes[int(class)]
	path := filepath.ToSlash(filepath.Clean(filepath.FromSlash(fields[2])))
	if before, seen := l.seen[path]; seen {
		if before != label {
			l.twice = append(l.twice, Case{Picture: path, Part: l.part, Label: label, OtherLabel: before, Text: "is listed as " + before + " and as " + label})
			return nil
		}
		return fmt.Errorf("%q is listed already", fields[2])
	}
	l.seen[path] = label
	at := string(l.part) + "/" + path
	if _, err := l.root.Stat(filepath.FromSlash(at)); err != nil {
		if _, err := l.root.Stat(filepath.FromSlash(path)); err == nil {
			at = path
		}
	}
	l.source.Pictures = append(l.source.Pictures, Picture{
		Name: at, File: path, Label: label, Part: l.part, Row: int(index),
		Open: func() (io.ReadCloser, error) { return preprocess.OpenIn(l.root, at) },
	})
	return nil
}

// unlisted are the pictures in the list's folder that no row names.
func (l *listReader) unlisted(ctx context.Context) (all []Case, err error) {
	folder := filepath.Join(l.dir, string(l.part))
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, nil
	}
	for image, err := range preprocess.Folder(ctx, folder, nil) {
		if err != nil {
			return nil, err
		}
		below, err := filepath.Rel(folder, image.Name)
		if err != nil {
			return nil, err
		}
		below = filepath.ToSlash(below)
		if _, listed := l.seen[below]; listed {
			continue
		}
		if _, listed := l.seen[string(l.part)+"/"+below]; !listed {
			all = append(all, Case{Picture: string(l.part) + "/" + below, Part: l.part, Text: fmt.Sprintf("is in no row of %s.lst", l.part)})
		}
	}
	return all, nil
}
