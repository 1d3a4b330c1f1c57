package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
)

// rowGroup is the number of rows that Parquet keeps in memory before it writes them.
const rowGroup = 16 << 10

// parquetFromJournal writes out from its journal, beside and then renamed: it is complete or absent.
func parquetFromJournal(out string, meta *Meta) (err error) {
	in, err := os.Open(journal(out))
	if err != nil {
		return err
	}
	defer in.Close()
	temp, err := os.CreateTemp(filepath.Dir(out), ".scones-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // a no-op after the rename
	defer func() { err = errors.Join(err, closeOnce(temp)) }()
	text, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	w := parquet.NewGenericWriter[Row](temp,
		parquet.MaxRowsPerRowGroup(rowGroup),
		parquet.Compression(&parquet.Snappy),
		parquet.KeyValueMetadata("scones.meta", string(text)))
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxRow)
	for line := 1; scanner.Scan(); line++ {
		rows := make([]Row, 1)
		if err := json.Unmarshal(scanner.Bytes(), &rows[0]); err != nil {
			return fmt.Errorf("read line %d of %q: %w", line, journal(out), err)
		}
		if _, err := w.Write(rows); err != nil {
			return err
		}
	}
	if err := errors.Join(scanner.Err(), w.Close(), temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), out)
}

// closeOnce closes a file that may be closed already.
func closeOnce(f *os.File) error {
	if err := f.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
