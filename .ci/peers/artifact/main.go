// Command artifact writes a SageMaker artifact with a ResNet of random weights.
//
//	artifact LAYERS SIZE CLASSES FILE
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/scones-unlimited/scones/model/mxnet/mxnettest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "artifact:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("usage: artifact LAYERS SIZE CLASSES FILE")
	}
	var numbers [3]int
	for i := range numbers {
		n, err := strconv.Atoi(args[i])
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	f, err := os.Create(args[3])
	if err != nil {
		return err
	}
	defer f.Close()
	if err := (mxnettest.ResNet{Layers: numbers[0], Size: numbers[1], Classes: numbers[2]}).Write(f); err != nil {
		return err
	}
	return f.Close()
}
