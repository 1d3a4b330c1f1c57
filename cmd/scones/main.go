// Command scones classifies pictures with ONNX models on this machine, and brings SageMaker's image-classification models there.
//
// main translates the process into [run]: arguments and streams in, an exit code out. Each command has a file of its own that
// turns flags into one options struct and calls one library.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once, even where a read cannot be woken
	code := run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
