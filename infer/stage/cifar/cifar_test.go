package cifar

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/infer/ort/orttest"
	"github.com/scones-unlimited/scones/infer/stage/cifar/cifartest"
	"github.com/scones-unlimited/scones/preprocess/phash/phashtest"
)

// drawn is an archive of four pictures.
func drawn() *cifartest.Archive {
	picture := func(seed uint64, term string, fine, coarse int) cifartest.Picture {
		return cifartest.Picture{File: cifartest.Row(term, int(seed)), Fine: fine, Coarse: coarse, Image: phashtest.Scene(seed, Side, Side)}
	}
	return &cifartest.Archive{
		Fine: []string{"apple", "bicycle", "motorcycle"}, Coarse: []string{"fruit", "vehicles_1"},
		Train: []cifartest.Picture{picture(1, "bike", 1, 1), picture(2, "minibike", 2, 1), picture(3, "crab_apple", 0, 0)},
		Test:  []cifartest.Picture{picture(4, "bicycle", 1, 1)},
	}
}

// written writes an archive into a file, and gives its name and hash.
func written(t *testing.T, write func(a *bytes.Buffer) error) (name, hash string) {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "cifar.tar.gz")
	if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), name, "")
	problem, ok := errors.AsType[*HashError](err)
	if !ok {
		t.Fatalf("an archive of another hash gives %v", err)
	}
	return name, problem.Got
}

// same compares a set with what was drawn.
func same(t *testing.T, got *Set, want []cifartest.Picture, names bool) {
	t.Helper()
	var rows []Row
	for i := range want {
		row := Row{want[i].File, want[i].Fine, want[i].Coarse}
		if !names {
			row.File = ""
		}
		rows = append(rows, row)
	}
	if diff := cmp.Diff(rows, got.Rows); diff != "" {
		t.Fatal(diff)
	}
	for i := range want {
		if !bytes.Equal(got.Picture(i).Pix, want[i].Image.(*image.NRGBA).Pix) {
			t.Errorf("picture %d is not what was drawn", i)
		}
	}
}

func TestBothVersionsAreRead(t *testing.T) {
	d := drawn()
	for version, write := range map[string]func(*bytes.Buffer) error{
		"python": func(b *bytes.Buffer) error { return d.WritePython(b) },
		"binary": func(b *bytes.Buffer) error { return d.WriteBinary(b) },
	} {
		t.Run(version, func(t *testing.T) {
			name, hash := written(t, write)
			a, err := Open(t.Context(), name, hash)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]string{d.Fine, d.Coarse, {hash}}, [][]string{a.Fine, a.Coarse, {a.SHA256}}); diff != "" {
				t.Error(diff)
			}
			same(t, &a.Train, d.Train, version == "python")
			same(t, &a.Test, d.Test, version == "python")
			_, err = Open(t.Context(), name, strings.Repeat("0", 64))
			if problem, ok := errors.AsType[*HashError](err); !ok || problem.Want == "" || problem.Hint() == "" {
				t.Errorf("a wrong hash gives %v", err)
			}
		})
	}
}

// TestPicklesThatPythonWrites reads every protocol of a real Python, and what Python 2 would write.
func TestPicklesThatPythonWrites(t *testing.T) {
	interpreter := os.Getenv("SCONES_TEST_PYTHON")
	if interpreter == "" {
		orttest.Missing(t, "sklearn", "SCONES_TEST_PYTHON does not name a Python that has NumPy")
	}
	d := drawn()
	d.Train[1].File = `it's "quoted" \ and` + "\ttabbed \u00e9\u4e16.png"
	input := map[string]any{"fine_label_names": d.Fine, "coarse_label_names": d.Coarse}
	var files []string
	var fine, coarse []int
	name, hash := written(t, func(b *bytes.Buffer) error { return d.WritePython(b) })
	a, err := Open(t.Context(), name, hash)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Train {
		files, fine, coarse = append(files, p.File), append(fine, p.Fine), append(coarse, p.Coarse)
	}
	input["filenames"], input["fine_labels"], input["coarse_labels"], input["data"] = files, fine, coarse, a.Train.pix
	data, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), interpreter, "testdata/pickles.py")
	command.Stdin = bytes.NewReader(data)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var made map[string]struct{ Train, Meta []byte }
	if err := json.Unmarshal(out, &made); err != nil {
		t.Fatal(err)
	}
	if len(made) < 18 {
		t.Fatalf("%d pickles", len(made))
	}
	for kind, p := range made {
		t.Run(kind, func(t *testing.T) {
			a, err := fromPickles(map[string][]byte{"train": p.Train, "test": p.Train, "meta": p.Meta})
			if err != nil {
				t.Fatal(err)
			}
			same(t, &a.Train, d.Train, true)
			if diff := cmp.Diff([][]string{d.Fine, d.Coarse}, [][]string{a.Fine, a.Coarse}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHostilePicklesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"a call":                {"\x80\x02cos\nsystem\nU\x02ls\x85R.", `asks for "os.system"`},
		"a call by stack":       {"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.", `asks for "posix.system"`},
		"an instance":           {"(ios\nsystem\n.", "opcode 'i'"},
		"an object":             {"\x80\x02cnumpy\nndarray\n)\x81.", "opcode '\\u0081'"},
		"persistent":            {"Px\n.", "opcode 'P'"},
		"an extension":          {"\x80\x02\x82\x01.", "opcode '\\u0082'"},
		"a buffer":              {"\x80\x05\x97.", "opcode '\\u0097'"},
		"nothing":               {"", "ends too early"},
		"no end":                {"N", "ends too early"},
		"no value":              {".", "no dictionary"},
		"a long string":         {"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "ends too early"},
		"a negative length":     {"T\xff\xff\xff\xff.", "ends too early"},
		"a long number":         {"\x8a\x09123456789.", "a number of 9 bytes"},
		"no mark":               {"e.", "there is no mark"},
		"an append to a number": {"K\x01K\x02a.", "finds a number"},
		"half a pair":           {"}(K\x01u.", "has no value"},
		"an unknown memory":     {"h\x05.", "was not remembered"},
		"many values":           {strings.Repeat("N", maxValues+1) + ".", "more than 2000000 values"},
		"a list in itself":      {"]q\x00h\x00a.", "want a dictionary"},
		"floats":                {"\x80\x02cnumpy\ndtype\nU\x02f8K\x00K\x01\x87Rcnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x01\x85cnumpy\ndtype\nU\x02f8\x85R\x89U\x0812345678tb.", `holds "f8"`},
		"a huge shape":          {"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86cnumpy\ndtype\nU\x02u1\x85R\x89U\x0812345678tb.", "no list of sizes"},
		"too little data":       {"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x09\x85cnumpy\ndtype\nU\x02u1\x85R\x89U\x0812345678tb.", "has 8 bytes"},
		"in Fortran's order":    {"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x08\x85cnumpy\ndtype\nU\x02u1\x85R\x88U\x0812345678tb.", "Fortran"},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := unpickle([]byte(c.data))
			if err == nil {
				if _, ok := v.(*dict); ok {
					t.Fatal("it is read")
				}
				_, err = fromPickles(map[string][]byte{"meta": []byte(c.data)})
			}
			if c.want == "no dictionary" {
				c.want = "a value is missing"
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzUnpickle(f *testing.F) {
	for _, seed := range []string{"\x80\x02}(U\x01aK\x01u.", "(dp0\nS'a'\np1\nI1\ns.", "\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00}\x94.", "(lp0\nL5L\naV\\u00e9\na."} {
		f.Add([]byte(seed))
	}
	f.Add([]byte("\x80\x02}(U\x04dataq\x00cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x08\x85cnumpy\ndtype\nU\x02u1\x85R\x89U\x0812345678tbu."))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := unpickle(data)
		if err == nil {
			if d, ok := v.(*dict); ok {
				s, a := Set{}, Archive{}
				_, _ = s.pickled(d), a.names(d)
			}
		} else if !errors.Is(err, ErrPickle) {
			t.Errorf("%v does not wrap ErrPickle", err)
		}
	})
}
