//go:build unix

package preprocess_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/preprocess"
)

// plant writes files, each holding its own path, below a new folder.
func plant(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// look lists what a sequence yields: name and content, or name and error code, with root cut off.
func look(t *testing.T, root string, src iter.Seq2[preprocess.Image, error]) (rows []string, final error) {
	t.Helper()
	for image, err := range src {
		if err != nil {
			return rows, err
		}
		name := strings.TrimPrefix(image.Name, root+string(filepath.Separator))
		r, err := image.Open()
		if err != nil {
			rows = append(rows, name+": "+string(preprocess.CodeOf(err)))
			continue
		}
		data, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Error(err)
		}
		rows = append(rows, name+" = "+string(data))
	}
	return rows, nil
}

func TestFolderInLexicalOrder(t *testing.T) {
	root := plant(t, "b.png", "a/2.JPG", "a/10.webp", "a-b.gif", "c.txt", ".hidden.png", ".git/x.png", "a/.DS_Store", "z.tiff", "B.bmp")
	var skipped preprocess.Skipped
	got, err := look(t, root, preprocess.Folder(t.Context(), root, &skipped))
	want := []string{"B.bmp = B.bmp", "a/10.webp = a/10.webp", "a/2.JPG = a/2.JPG", "a-b.gif = a-b.gif", "b.png = b.png", "z.tiff = z.tiff"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Folder: error %v, pictures (-want +got):\n%s", err, diff)
	}
	if want := (preprocess.Skipped{Hidden: 3, Other: 1}); skipped != want {
		t.Errorf("skipped %+v, want %+v", skipped, want)
	}
}

func TestFolderKeepsToItselfAndToFiles(t *testing.T) {
	outside := plant(t, "secret.png")
	root := plant(t, "good.png", "x.png/inner.png")
	for link, target := range map[string]string{
		"inside.png": "good.png", "out.png": filepath.Join(outside, "secret.png"), "up.png": "../" + filepath.Base(outside) + "/secret.png",
		"dangling.png": "nowhere.png", "loop.png": "loop.png", "folder": outside,
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.png"), 0o644); err != nil {
		t.Fatal(err)
	}
	var skipped preprocess.Skipped
	got, err := look(t, root, preprocess.Folder(t.Context(), root, &skipped))
	want := []string{"dangling.png: not-found", "good.png = good.png", "inside.png = good.png", "loop.png: read-failed",
		"out.png: outside-folder", "pipe.png: not-a-file", "up.png: outside-folder", "x.png: not-a-file"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Folder: error %v, pictures (-want +got):\n%s", err, diff)
	}
	if skipped.Other != 1 {
		t.Errorf("%d others skipped, want 1, the linked folder", skipped.Other)
	}
}

func TestFolderEndsWhenCancelled(t *testing.T) {
	root := plant(t, "a.png", "b.png", "c.png")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var names int
	var last error
	for _, err := range preprocess.Folder(ctx, root, nil) {
		cancel()
		names++
		last = err
	}
	if names != 2 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d values, last error %v; want 2, the last %v", names, last, context.Canceled)
	}
}

func TestFolderThatIsMissing(t *testing.T) {
	_, err := look(t, "", preprocess.Folder(t.Context(), filepath.Join(t.TempDir(), "none"), nil))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want %v", err, os.ErrNotExist)
	}
}

func TestList(t *testing.T) {
	root := plant(t, "pics/a.png", "train/b.png", "train/sub/c.png")
	write := func(name, text string) string {
		full := filepath.Join(root, name)
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return full
	}
	for _, test := range []struct {
		name, file, text, root string
		want                   []string
	}{
		{"beside the list", "one.lst", "0\t1\tpics/a.png\n", "", []string{"pics/a.png = pics/a.png"}},
		{"folder of the list's name, no last line feed", "train.lst", "5\t0\tb.png\r\n\n6\t1\tsub/c.png", "",
			[]string{"train/b.png = train/b.png", "train/sub/c.png = train/sub/c.png"}},
		{"root given, several labels", "multi.lst", "5\t0\t1\t1\ta.png\n", filepath.Join(root, "pics"), []string{"pics/a.png = pics/a.png"}},
		{"bad lines are rows", "bad.lst", "0\t1\tpics/a.png\nhello\n1\t0\tpics/none.png\n2\t0\t../etc/x.png\n", "",
			[]string{"pics/a.png = pics/a.png", "bad.lst:2: bad-list-line", "pics/none.png: not-found", "../etc/x.png: outside-folder"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := look(t, root, preprocess.List(t.Context(), write(test.file, test.text), test.root))
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], filepath.Dir(root)+"/", "../")
			}
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("List: error %v, pictures (-want +got):\n%s", err, diff)
			}
		})
	}
	long := write("long.lst", strings.Repeat("x", 70<<10))
	if _, err := look(t, root, preprocess.List(t.Context(), long, "")); err == nil || !strings.Contains(err.Error(), "long.lst") {
		t.Errorf("a line of 70 KiB: error %v, want one that names the list", err)
	}
}

// TestNamesEndsWithoutInput cancels a list of paths whose writer says nothing more.
func TestNamesEndsWithoutInput(t *testing.T) {
	root := plant(t, "a.png")
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _, _ = io.WriteString(w, filepath.Join(root, "a.png")+"\n\n") }()
	var last error
	n := 0
	for _, err := range preprocess.Names(ctx, r) {
		n++
		last = err
		cancel()
	}
	if n != 2 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d values, last error %v; want 2, the last %v", n, last, context.Canceled)
	}
}
