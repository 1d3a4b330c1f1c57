package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/scones-unlimited/scones/infer/capture/capturetest"
)

// captures is a command of scripts: captures FOLDER RECORDS SEED [DARK] makes captures with pictures, the darker the more DARK is.
func captures() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "captures FOLDER RECORDS SEED [DARK]")
		os.Exit(2)
	}
	records, err := strconv.Atoi(os.Args[2])
	seed, seedErr := strconv.ParseUint(os.Args[3], 10, 64)
	o := capturetest.Options{Records: records, Side: 16, Seed: seed}
	var darkErr error
	if len(os.Args) > 4 {
		o.Dark, darkErr = strconv.ParseFloat(os.Args[4], 64)
	}
	for _, err := range []error{err, seedErr, darkErr} {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	if err := capturetest.Folder(os.Args[1], o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
