package cifar

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// record of the binary version: a byte for the group, a byte for the class, the picture.
const record = 2 + pictureSize

// fromBinary reads the binary version.
func fromBinary(members map[string][]byte) (*Archive, error) {
	a := &Archive{}
	for _, part := range []struct {
		name string
		to   *[]string
	}{{"fine_label_names.txt", &a.Fine}, {"coarse_label_names.txt", &a.Coarse}} {
		for line := range bytes.Lines(members[part.name]) {
			line = bytes.TrimSpace(line)
			if len(line) > maxName || !utf8.Valid(line) || len(*part.to) == 256 {
				return nil, fmt.Errorf("member %q: it is no list of names", part.name)
			}
			if len(line) > 0 {
				*part.to = append(*part.to, string(line))
			}
		}
	}
	for _, part := range []struct {
		name string
		to   *Set
	}{{"train.bin", &a.Train}, {"test.bin", &a.Test}} {
		data, ok := members[part.name]
		if !ok || len(data)%record != 0 {
			return nil, fmt.Errorf("member %q: it is missing, or no multiple of %d bytes", part.name, record)
		}
		n := len(data) / record
		part.to.Rows, part.to.pix = make([]Row, n), make([]byte, 0, n*pictureSize)
		for i := range part.to.Rows {
			r := data[i*record:][:record]
			part.to.Rows[i] = Row{Coarse: int(r[0]), Fine: int(r[1])}
			part.to.pix = append(part.to.pix, r[2:]...)
		}
	}
	return a, a.check()
}
