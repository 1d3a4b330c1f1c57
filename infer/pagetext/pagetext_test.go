package pagetext_test

import (
	"testing"

	"github.com/scones-unlimited/scones/infer/pagetext"
)

func TestTextsFit(t *testing.T) {
	for text, want := range map[string][2]string{"ümläut": {"…äut", "üml…"}, "a\nb": {"a·b", "a·b"}, "abcd": {"abcd", "abcd"}, "": {"", ""}} {
		if got := [2]string{pagetext.Short(text, 4), pagetext.Printable(text, 4)}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
