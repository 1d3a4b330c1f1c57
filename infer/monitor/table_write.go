package monitor

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	rows "github.com/scones-unlimited/scones/infer/result"
	"github.com/scones-unlimited/scones/model/atomicfile"
)

// rowGroup is the number of rows that Parquet keeps in memory before it writes them.
const rowGroup = 16 << 10

// A Table is a file of rows that is whole or absent. Commit or Close it.
type Table struct {
	file  *atomicfile.File
	write func(*Row) error
	end   func() error
}

// Create begins a table in the format that the name's ending stands for: .parquet, .csv or .jsonl.
func Create(name string) (*Table, error) {
	format, err := rows.FormatOf(name)
	if err == nil && format == rows.Table {
		err = fmt.Errorf("cannot write rows to %q: .parquet, .csv or .jsonl", name)
	}
	if err != nil {
		return nil, err
	}
	file, err := atomicfile.Create(name)
	if err != nil {
		return nil, err
	}
	t := &Table{file: file}
	switch format {
	case rows.CSV:
		t.write, t.end = csvTable(file)
	case rows.JSONL:
		t.write, t.end = jsonTable(file)
	default:
		w := parquet.NewGenericWriter[parquetRecord](file, parquet.MaxRowsPerRowGroup(rowGroup), parquet.Compression(&parquet.Snappy))
		one := make([]parquetRecord, 1)
		t.write = func(r *Row) error { one[0] = parquetOf(r); _, err := w.Write(one); return err }
		t.end = w.Close
	}
	return t, nil
}

// Write adds a row.
func (t *Table) Write(r *Row) error { return t.write(r) }

// Commit gives the file its name.
func (t *Table) Commit() error {
	if err := t.end(); err != nil {
		return err
	}
	return t.file.Commit()
}

// Close drops a table that was not committed; after Commit it does nothing.
func (t *Table) Close() error { return t.file.Close() }

func jsonTable(w io.Writer) (write func(*Row) error, end func() error) {
	out := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return func(r *Row) error { return enc.Encode(jsonOf(r)) }, out.Flush
}

// columns are the names of a CSV table's.
func columns() []string {
	names := []string{"time"}
	for field := range reflect.TypeFor[fields]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// csvTable writes what JSON has under the columns' names; lists are JSON.
func csvTable(w io.Writer) (write func(*Row) error, end func() error) {
	out := csv.NewWriter(w)
	_ = out.Write(columns()) // an error stays with the csv.Writer until Flush
	var line []string
	return func(r *Row) error {
			j := jsonOf(r)
			line = append(line[:0], j.Time)
			for _, value := range reflect.ValueOf(j.fields).Fields() {
				line = append(line, cellOf(value))
			}
			return out.Write(line)
		}, func() error {
			out.Flush()
			return out.Error()
		}
}

func cellOf(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'g', -1, 32)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Slice:
		if v.Len() == 0 {
			return ""
		}
		text, _ := json.Marshal(v.Interface()) // numbers within 0 to 1
		return string(text)
	}
	return v.String()
}
