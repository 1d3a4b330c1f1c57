package pagetext

import (
	"bytes"
	"fmt"
	"io"
)

// WriteFitting writes what render writes when it has fewer than most bytes; until it does, drop takes something out of it. An error says that
// nothing more could be dropped, or is render's or the writer's.
func WriteFitting(w io.Writer, most int, render func(io.Writer) error, drop func() bool) error {
	for {
		var out bytes.Buffer
		if err := render(&out); err != nil {
			return fmt.Errorf("write page: %w", err)
		}
		if out.Len() < most {
			_, err := out.WriteTo(w)
			return err
		}
		if !drop() {
			return fmt.Errorf("write page: it has %d bytes, at most %d are allowed", out.Len(), most)
		}
	}
}
