package preprocess

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Of package imaging only the turns are called. Its Open and Decode are not: they reach a TIFF path with a known crash
// (CVE-2023-36308) and hold no limits.
func TestImagingOnlyTurns(t *testing.T) {
	allowed := []string{"FlipH", "FlipV", "Rotate90", "Rotate180", "Rotate270", "Transpose", "Transverse"}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range parsed.Imports {
			if strings.Contains(imported.Path.Value, "disintegration/imaging") && imported.Name != nil {
				t.Errorf("%s imports imaging under the name %s", file, imported.Name)
			}
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := s.X.(*ast.Ident); ok && pkg.Name == "imaging" {
					used = append(used, s.Sel.Name)
				}
			}
			return true
		})
	}
	for _, name := range used {
		if !slices.Contains(allowed, name) {
			t.Errorf("imaging.%s is called, allowed are %v", name, allowed)
		}
	}
	if len(used) < len(allowed) {
		t.Errorf("imaging is called for %v, want each of %v", used, allowed)
	}
}
