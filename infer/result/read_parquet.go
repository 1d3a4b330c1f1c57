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
		if err := checkParquet(file); err != nil {
			yield(Row{}, err)
			return
		}
		for row, err := range ReadParquet[Row](file) {
			if !yield(row, err) {
				return
			}
		}
	}
}

// ReadParquet yields the rows of a Parquet file, whose columns T's fields name. An error in the second value is final and wraps [ErrRow].
func ReadParquet[T any](file *os.File) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := openParquet[T](file)
		if err != nil {
			yield(none, err)
			return
		}
		defer rows.Close()
		for {
			batch := make([]T, readBatch)
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
				yield(none, err)
				return
			}
		}
	}
}

// checkParquet tells whether a file has the columns of a row.
func checkParquet(file *os.File) (err error) {
	defer broken(&err)
	info, err := file.Stat()
	if err != nil {
		return err
	}
	p, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRow, err)
	}
	for _, needed := range []string{"path", "label", "index", "score", "error"} {
		if _, ok := p.Schema().Lookup(needed); !ok {
			return fmt.Errorf("%w: there is no column %q, which scones classify writes", ErrRow, needed)
		}
	}
	return nil
}

func openParquet[T any](file *os.File) (_ *parquet.GenericReader[T], err error) {
	defer broken(&err)
	return parquet.NewGenericReader[T](file), nil
}

func nextRows[T any](rows *parquet.GenericReader[T], batch []T) (n int, err error) {
	defer broken(&err)
	return rows.Read(batch)
}

// broken turns a panic of the Parquet library over a damaged file into an error.
func broken(err *error) {
	if problem := recover(); problem != nil {
		*err = fmt.Errorf("%w: the file is damaged: %v", ErrRow, problem)
	}
}
