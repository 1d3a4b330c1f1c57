package stage

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/scones-unlimited/scones/infer/stage/recordio"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// writeList writes a part's .lst file, and its records. A line is the index, the class's number and the path below the part's folder,
// with tabs between. A part without pictures has no list.
func (s *Stage) writeList(ctx context.Context, dir string, part Part, records bool) error {
	rows := s.rows(part)
	if len(rows) == 0 {
		return nil
	}
	var list bytes.Buffer
	for _, r := range rows {
		fmt.Fprintf(&list, "%d\t%d\t%s\n", r.index, r.class, r.File)
	}
	if err := atomicfile.Write(filepath.Join(dir, string(part)+".lst"), list.Bytes()); err != nil || !records {
		return err
	}
	rec, err := atomicfile.Create(filepath.Join(dir, string(part)+".rec"))
	if err != nil {
		return err
	}
	defer rec.Close()
	buffered := bufio.NewWriterSize(rec, 1<<20)
	writer := recordio.NewWriter(buffered)
	var index bytes.Buffer
	for _, r := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, string(part), filepath.FromSlash(r.File)))
		if err != nil {
			return err
		}
		at, err := writer.Write(recordio.Record{ID: uint64(r.index), Label: float32(r.class), Picture: data})
		if err != nil {
			return err
		}
		fmt.Fprintf(&index, "%d\t%d\n", r.index, at)
	}
	if err := errors.Join(buffered.Flush(), rec.Commit()); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, string(part)+".idx"), index.Bytes())
}

// A row of a list.
type row struct {
	*Picture
	index, class int
	key          [sha256.Size]byte
}

// rows of a part. Those that have numbers keep them and their order; others, and those of a new split, are shuffled by the seed, because
// training from records reads them as they come, and must not see one class after the other.
func (s *Stage) rows(part Part) []row {
	var rows []row
	numbered, seen := !s.New, map[int]bool{}
	for i := range s.pictures {
		p := &s.pictures[i]
		if p.Part != part {
			continue
		}
		text := binary.LittleEndian.AppendUint64([]byte("order"), s.Seed)
		text = append(append(text, p.print.Pixels[:]...), p.Name...)
		rows = append(rows, row{p, p.Row, slices.Index(s.Source.Classes, p.Label), sha256.Sum256(text)})
		numbered = numbered && p.Row >= 0 && !seen[p.Row]
		seen[p.Row] = true
	}
	if numbered {
		return rows
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(string(a.key[:]), string(b.key[:])) })
	for i := range rows {
		rows[i].index = i
	}
	return rows
}
