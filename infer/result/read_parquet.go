package result

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/parquet-go/parquet-go"
)

// readBatch is the number of rows that are taken from a Parquet file at a time.
const readBatch = 64

func readParquet(file *os.File) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		rows, err := openParquet(file)
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer rows.Close()
		for {
			batch := make([]Row, readBatch)
			n, err := nextRows(rows, batch)
			for _, row := range batch[:n] {
				if !yield(row, nil) {
					return
				}
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
		}
	}
}

// openParquet checks that a file has the columns of a row.
func openParquet(file *os.File) (_ *parquet.GenericReader[Row], err error) {
	defer broken(&err)
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	p, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRow, err)
	}
	for _, needed := range []string{"path", "label", "index", "score", "error"} {
		if _, ok := p.Schema().Lookup(needed); !ok {
			return nil, fmt.Errorf("%w: there is no column %q, which scones classify writes", ErrRow, needed)
		}
	}
	return parquet.NewGenericReader[Row](p), nil
}

func nextRows(rows *parquet.GenericReader[Row], batch []Row) (n int, err error) {
	defer broken(&err)
	return rows.Read(batch)
}

// broken turns a panic of the Parquet library over a damaged file into an error.
func broken(err *error) {
	if problem := recover(); problem != nil {
		*err = fmt.Errorf("%w: the file is damaged: %v", ErrRow, problem)
	}
}
