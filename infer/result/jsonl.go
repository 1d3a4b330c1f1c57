package result

import (
	"bufio"
	"encoding/json"
	"io"
)

type jsonlWriter struct {
	w   *bufio.Writer
	enc *json.Encoder
}

func newJSONL(w io.Writer) *jsonlWriter {
	buffered := bufio.NewWriter(w)
	enc := json.NewEncoder(buffered)
	enc.SetEscapeHTML(false) // paths with & stay readable
	return &jsonlWriter{buffered, enc}
}

// Write adds a row and its line feed.
func (j *jsonlWriter) Write(row Row) error { return j.enc.Encode(row) }

// Flush hands the rows on.
func (j *jsonlWriter) Flush() error { return j.w.Flush() }
