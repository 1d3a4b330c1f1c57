package source

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseNames(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"dict", `{0: 'cat', 1: 'dog'}`, []string{"cat", "dog"}},
		{"any order", `{1: 'dog', 0: 'cat'}`, []string{"cat", "dog"}},
		{"comma at the end", `{0: 'cat',}`, []string{"cat"}},
		{"list", `['cat', 'dog']`, []string{"cat", "dog"}},
		{"tuple of one", `('cat',)`, []string{"cat"}},
		{"empty dict", `{}`, []string{}},
		{"spaces and lines", " {\n0 :\t'cat' ,\r\n1:'dog'\n} ", []string{"cat", "dog"}},
		{"other quote", `{0: "it's"}`, []string{"it's"}},
		{"both quotes", `{0: 'it\'s "it"'}`, []string{`it's "it"`}},
		{"escapes", `{0: 'a\\b\n\t\r\x41\u010d\U0001f6b2'}`, []string{"a\\b\n\t\rA\u010d\U0001f6b2"}},
		{"letters as they are", `{0: 'čtyřkolka', 1: '自行车'}`, []string{"čtyřkolka", "自行车"}},
		{"braces and commas in a name", `{0: '}, 1: "x"', 1: '['}`, []string{`}, 1: "x"`, "["}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseNames(test.text)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("parseNames(%q) = %q, %v, want %q", test.text, got, err, test.want)
			}
		})
	}
}

func TestParseNamesRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           ``,
		"a word":            `None`,
		"a call":            `dict(a=1)`,
		"a gap":             `{0: 'cat', 2: 'dog'}`,
		"twice":             `{0: 'cat', 0: 'dog'}`,
		"negative":          `{-1: 'cat'}`,
		"huge index":        `{99999999999999999999: 'cat'}`,
		"large index":       `{4000000000: 'cat'}`,
		"names first":       `{'cat': 0}`,
		"no colon":          `{0 'cat'}`,
		"no comma":          `['cat' 'dog']`,
		"a number":          `[1, 2]`,
		"nested":            `[['cat']]`,
		"no end of a name":  `{0: 'cat`,
		"no end of a table": `{0: 'cat'`,
		"wrong bracket":     `['cat')`,
		"more text":         `{0: 'cat'} + {1: 'dog'}`,
		"octal escape":      `{0: '\101'}`,
		"short escape":      `{0: '\x4'}`,
		"no character":      `{0: '\ud800'}`,
		"beyond Unicode":    `{0: '\U00110000'}`,
		"prefix":            `{0: f'{1}'}`,
		"line in a name":    "{0: 'a\nb'}",
		"no UTF-8":          "{0: '\xff'}",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parseNames(text); err == nil {
				t.Errorf("parseNames(%q) = %q, want an error", text, got)
			}
		})
	}
}

// FuzzNames: any text gives names or an error, and names written again as Python writes them are read as the same names.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{
		`{0: 'cat', 1: "it's"}`, `['a', "b"]`, `('a',)`, `{0: '\x41\u010d\U0001f6b2\\'}`, `{`, `{0:`, `{0: '\`, `[[[[`, `{1: 'a', 0: ''}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names, err := parseNames(text)
		if err != nil {
			return
		}
		var again strings.Builder
		again.WriteString("{")
		for i, name := range names {
			if !utf8.ValidString(name) || len(name) > len(text) {
				t.Fatalf("name %d of %q is %q", i, text, name)
			}
			again.WriteString(strconv.Itoa(i) + ": '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(name) + "', ")
		}
		again.WriteString("}")
		if got, err := parseNames(again.String()); err != nil || !slices.Equal(got, names) {
			t.Fatalf("%q gives %q, and written again %q gives %q, %v", text, names, again.String(), got, err)
		}
	})
}
