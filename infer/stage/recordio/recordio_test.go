package recordio_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/stage/recordio"
)

func written(t *testing.T, records ...recordio.Record) []byte {
	t.Helper()
	var out bytes.Buffer
	w := recordio.NewWriter(&out)
	for _, r := range records {
		at, err := w.Write(r)
		if err != nil {
			t.Fatal(err)
		}
		if binary.LittleEndian.Uint32(out.Bytes()[at:]) != 0xced7230a {
			t.Errorf("record %d is said to begin at %d, it does not", r.ID, at)
		}
	}
	return out.Bytes()
}

// TestBytesOfARecord spells one out.
func TestBytesOfARecord(t *testing.T) {
	got := written(t, recordio.Record{ID: 7, Label: 1, Picture: []byte("abcde")})
	want := []byte("\x0a\x23\xd7\xce\x1d\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x80\x3f" + "\x07\x00\x00\x00\x00\x00\x00\x00" +
		"\x00\x00\x00\x00\x00\x00\x00\x00" + "abcde\x00\x00\x00")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestMagicInThePicture: a picture that holds the magic where a reader looks for it is written in parts and comes back whole.
func TestMagicInThePicture(t *testing.T) {
	const magic = "\x0a\x23\xd7\xce"
	var records []recordio.Record
	for i, picture := range []string{"", magic, magic + magic, "abcd" + magic + "ef", "a" + magic, strings.Repeat("wxyz"+magic, 5), magic[:3]} {
		records = append(records, recordio.Record{ID: uint64(i), Label: float32(i) / 2, Picture: []byte(picture)})
	}
	data := written(t, records...)
	var got []recordio.Record
	for r, err := range recordio.Read(bytes.NewReader(data), 1<<20) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if diff := cmp.Diff(records, got); diff != "" {
		t.Error(diff)
	}
	for at := 0; at+4 <= len(data); at += 4 { // every magic begins a part
		if string(data[at:at+4]) == magic && (at+8 > len(data) || int(binary.LittleEndian.Uint32(data[at+4:])&(1<<29-1)) > len(data)) {
			t.Errorf("the magic at %d begins no part", at)
		}
	}
}

func TestBrokenFiles(t *testing.T) {
	good := written(t, recordio.Record{ID: 1, Picture: []byte("0123456789")})
	for n := 1; n < len(good); n++ {
		if err := last(good[:n], 1<<20); err == nil {
			t.Errorf("%d bytes of %d are read", n, len(good))
		}
	}
	if err := last(good, 10); err == nil || !strings.Contains(err.Error(), "more than 10 bytes") {
		t.Errorf("a record beyond the limit gives %v", err)
	}
}

func last(data []byte, limit int) (err error) {
	for _, err = range recordio.Read(bytes.NewReader(data), limit) {
		continue
	}
	return err
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x0a\x23\xd7\xce\x04\x00\x00\x20abcd\x0a\x23\xd7\xce\x01\x00\x00\x60z\x00\x00\x00"))
	f.Fuzz(func(_ *testing.T, data []byte) { _ = last(data, 1<<16) })
}
