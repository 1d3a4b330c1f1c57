package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/scones-unlimited/scones/model/atomicfile"
)

// rowGroup is the number of rows that Parquet keeps in memory before it writes them.
const rowGroup = 16 << 10

// parquetFromJournal writes out from its journal, which is complete or absent.
func parquetFromJournal(out string, meta *Meta) error {
	in, err := os.Open(journal(out))
	if err != nil {
		return err
	}
	defer in.Close()
	file, err := atomicfile.Create(out)
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	w := parquet.NewGenericWriter[Row](file,
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
	if err := errors.Join(scanner.Err(), w.Close()); err != nil {
		return err
	}
	return file.Commit()
}
