// Command kernels writes the AVX2 assembly of package preprocess. The commands beside the package's declarations run it, see
// vector_amd64.go there. It is a module of its own, so that nothing but the generator needs avo.
package main

import (
	"flag"
	"log"

	"github.com/mmcloughlin/avo/build"
)

func main() {
	part := flag.String("part", "", "what to write: rows or columns")
	flag.Parse()
	switch *part {
	case "rows":
		rowsRGB()
		rowsGrey()
	case "columns":
		columns()
	default:
		log.Fatalf("choosing kernels by -part %q: want rows or columns", *part)
	}
	build.Generate()
}
