package result

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
)

type csvWriter struct {
	w       *csv.Writer
	columns Columns
	record  []string
}

func newCSV(w io.Writer, columns Columns, header bool) *csvWriter {
	c := &csvWriter{w: csv.NewWriter(w), columns: columns}
	if header {
		_ = c.w.Write(csvHeader(columns)) // an error stays with the csv.Writer until Flush
	}
	return c
}

func csvHeader(columns Columns) []string {
	names := []string{"path", "label", "index", "score"}
	if columns.Threshold != nil {
		names = append(names, "confident")
	}
	names = append(names, "width", "height", "error", "error_text")
	if columns.TopK != 1 {
		names = append(names, "top_k")
	}
	return names
}

// Write adds a row. Index and score are empty when there is no answer, so that a column's mean is not pulled down.
func (c *csvWriter) Write(row Row) error {
	index, score := strconv.Itoa(row.Index), FormatScore(row.Score)
	if row.Error != "" {
		index, score = "", ""
	}
	c.record = append(c.record[:0], row.Path, row.Label, index, score)
	if c.columns.Threshold != nil {
		c.record = append(c.record, strconv.FormatBool(row.Confident != nil && *row.Confident))
	}
	c.record = append(c.record, strconv.Itoa(row.Width), strconv.Itoa(row.Height), row.Error, row.ErrorText)
	if c.columns.TopK != 1 {
		text := []byte("[]")
		if len(row.TopK) > 0 {
			var err error
			if text, err = json.Marshal(row.TopK); err != nil {
				return err
			}
		}
		c.record = append(c.record, string(text))
	}
	return c.w.Write(c.record)
}

// Flush hands the rows on.
func (c *csvWriter) Flush() error {
	c.w.Flush()
	return c.w.Error()
}
