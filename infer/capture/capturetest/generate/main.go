// Generate writes captures to measure with: go run ./infer/capture/capturetest/generate --records 1000000 DIR
package main

import (
	"flag"
	"log"
	"time"

	"github.com/scones-unlimited/scones/infer/capture/capturetest"
)

func main() {
	var o capturetest.Options
	flag.IntVar(&o.Records, "records", 1000, "how many")
	flag.IntVar(&o.Side, "side", 0, "of the pictures in pixels; 0 captures answers alone")
	flag.Uint64Var(&o.Seed, "seed", 0, "other records for each")
	flag.DurationVar(&o.Every, "every", time.Second, "time between records")
	flag.Float64Var(&o.Dark, "dark", 0, "part of its brightness that a picture loses")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("want one folder")
	}
	if err := capturetest.Folder(flag.Arg(0), o); err != nil {
		log.Fatal(err)
	}
}
