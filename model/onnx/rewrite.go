package onnx

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Rewrite copies an ONNX model of size bytes to w with other metadata: every key of metadata replaces the file's entry of that
// key or adds one; an empty value takes the entry out. All other bytes are copied as they are, streaming, so a file of any size
// is rewritten in little memory. The new entries stand last, in key order. Errors about the content wrap [ErrFormat].
func Rewrite(w io.Writer, r io.ReaderAt, size int64, metadata map[string]string) error {
	f, err := Read(r, size)
	if err != nil {
		return err
	}
	pos := int64(0)
	for _, p := range f.properties {
		if _, replaced := metadata[p.key]; !replaced {
			continue
		}
		if _, err := io.Copy(w, io.NewSectionReader(r, pos, p.start-pos)); err != nil {
			return fmt.Errorf("copying model: %w", err)
		}
		pos = p.end
	}
	if _, err := io.Copy(w, io.NewSectionReader(r, pos, size-pos)); err != nil {
		return fmt.Errorf("copying model: %w", err)
	}
	var entries []byte
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if metadata[key] != "" {
			entries = appendProperty(entries, key, metadata[key])
		}
	}
	if _, err := w.Write(entries); err != nil {
		return fmt.Errorf("writing metadata: %w", err)
	}
	return nil
}

// appendProperty appends a metadata_props entry (ModelProto field 14).
func appendProperty(b []byte, key, value string) []byte {
	var entry []byte
	entry = protowire.AppendTag(entry, 1, protowire.BytesType)
	entry = protowire.AppendString(entry, key)
	entry = protowire.AppendTag(entry, 2, protowire.BytesType)
	entry = protowire.AppendString(entry, value)
	b = protowire.AppendTag(b, 14, protowire.BytesType)
	return protowire.AppendBytes(b, entry)
}
