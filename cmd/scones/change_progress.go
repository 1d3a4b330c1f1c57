package main

import (
	"fmt"
	"io"
	"time"

	"github.com/scones-unlimited/scones/aws/plan"
)

// A planProgress tells on a terminal which step of a plan is under way, and keeps a line of each that is done. In a pipe it only counts.
type planProgress struct {
	w           io.Writer
	live        bool
	done, steps int
	began       time.Time
	open        bool // the last line has no end yet
}

const clearLine = "\r\x1b[2K"

func (s *planProgress) report(e plan.Event) {
	s.steps = e.Steps
	if e.Done {
		s.done++
	}
	if !s.live {
		return
	}
	line := fmt.Sprintf("[%d/%d] %s %s %s", e.Step, e.Steps, e.Action, e.Kind, e.Name)
	switch {
	case e.Done:
		s.open = false
		fmt.Fprintf(s.w, "%s%s, %v\n", clearLine, line, e.Elapsed.Round(100*time.Millisecond))
		return
	case e.Detail == "":
		s.began = time.Now()
	default:
		line += fmt.Sprintf(": %s (%v)", e.Detail, time.Since(s.began).Round(time.Second))
	}
	if width := terminalWidth(s.w) - 1; len([]rune(line)) > width {
		line = string([]rune(line)[:width])
	}
	s.open = true
	fmt.Fprint(s.w, clearLine, line)
}

// end leaves the terminal at the start of a line.
func (s *planProgress) end() {
	if s.open {
		fmt.Fprintln(s.w)
		s.open = false
	}
}
