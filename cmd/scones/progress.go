package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// isTerminal tells whether a person is likely to look at the stream.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// terminalWidth returns the columns of the stream's terminal, 100 when it cannot tell.
func terminalWidth(stream any) int {
	if file, ok := stream.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 100
}

// newProgress returns a bar on stderr with rate and time left, or one that shows nothing when stderr is not a terminal. A total
// of -1 is unknown. Finish it with Exit, or with Clear when another line follows in its place.
func newProgress(stderr io.Writer, what string, total int64, bytes bool, more ...progressbar.Option) *progressbar.ProgressBar {
	if !isTerminal(stderr) {
		return progressbar.DefaultSilent(total)
	}
	return progressbar.NewOptions64(total, append([]progressbar.Option{
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(bytes),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("pictures"),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a bar of unknown length turns for ever
	}, more...)...)
}
