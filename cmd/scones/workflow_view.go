package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
	"github.com/scones-unlimited/scones/infer"
)

// A view shows an execution's states as they happen: on a terminal the one under way too, in a pipe a line for each that was left.
type view struct {
	w        io.Writer
	silent   bool
	live     bool
	mu       sync.Mutex
	main     string // the execution that is shown; a Distributed Map's items are counted
	entered  map[string]time.Time
	broken   map[string]string // state: the error of its last try
	state    map[int64]string  // by event
	children int
	failed   int
	shown    bool // a line is to be overwritten
}

func newView(c *cli.Context) *view {
	v := &view{w: c.App.Writer, silent: c.Bool("json"), live: isTerminal(c.App.Writer)}
	v.entered, v.broken, v.state = map[string]time.Time{}, map[string]string{}, map[int64]string{}
	return v
}

// event shows what an event means for people.
func (v *view) event(e asl.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.silent {
		return
	}
	if v.main == "" {
		v.main = e.Execution
	}
	if e.Execution != v.main {
		v.child(e)
		return
	}
	name := v.state[e.Previous]
	switch {
	case strings.HasSuffix(e.Type, "StateEntered"):
		name = e.Details.Name
		v.entered[name] = e.Timestamp
		delete(v.broken, name)
		v.under("%-16s  ...", name)
	case strings.HasSuffix(e.Type, "StateExited"):
		name = e.Details.Name
		v.line(name, e, "succeeded", v.broken[name])
	case e.Type == "ExecutionFailed" || e.Type == "ExecutionTimedOut":
		v.line(name, e, "failed", e.Details.Error)
	case strings.HasSuffix(e.Type, "Failed") || strings.HasSuffix(e.Type, "TimedOut"):
		v.broken[name] = e.Details.Error
	case strings.HasSuffix(e.Type, "Scheduled"):
		if problem := v.broken[name]; problem != "" {
			v.under("%-16s  %s, trying again", name, problem)
		}
	case strings.HasSuffix(e.Type, "Succeeded"):
		delete(v.broken, name)
	}
	v.state[e.ID] = name
}

// child counts the executions of a Distributed Map.
func (v *view) child(e asl.Event) {
	switch e.Type {
	case "ExecutionSucceeded":
		v.children++
	case "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted":
		v.children++
		v.failed++
	default:
		return
	}
	v.under("%d executions done, %d failed", v.children, v.failed)
}

// under shows what is under way, on a terminal.
func (v *view) under(format string, args ...any) {
	if v.live {
		fmt.Fprintf(v.w, "\r\033[K%s", printable(fmt.Sprintf(format, args...)))
		v.shown = true
	}
}

func (v *view) line(state string, e asl.Event, outcome, problem string) {
	if v.shown {
		fmt.Fprint(v.w, "\r\033[K")
		v.shown = false
	}
	if problem != "" && outcome == "succeeded" {
		outcome = "caught"
	}
	took := e.Timestamp.Sub(v.entered[state])
	fmt.Fprintf(v.w, "%-16s  %-9s  %9s  %s\n", printable(state), outcome, milliseconds(took), printable(problem))
}

// end leaves no half line behind.
func (v *view) end() {
	if v.shown {
		fmt.Fprint(v.w, "\r\033[K")
	}
}

// verdict is the last line: the answer, or how the execution ended.
func (v *view) verdict(e *asl.Execution, r infer.Result) error {
	took := milliseconds(e.Stop.Sub(e.Start))
	if v.children > 0 {
		_, err := fmt.Fprintf(v.w, "%s: %d executions, %d failed, %s\n", e.Status, v.children, v.failed, took)
		return err
	}
	if len(r.Top) == 0 {
		_, err := fmt.Fprintf(v.w, "%s, %s\n", e.Status, took)
		return err
	}
	_, err := fmt.Fprintf(v.w, "%s: %s %.4f, %s\n", e.Status, printable(r.Top[0].Label), r.Top[0].Score, took)
	return err
}

// printExecution writes an execution as DescribeExecution answers it, with input and output as JSON instead of text.
func printExecution(w io.Writer, e *asl.Execution) error {
	object := map[string]any{"name": e.Name, "status": e.Status, "startDate": e.Start, "stopDate": e.Stop, "input": e.Input}
	if e.Error != nil {
		object["error"], object["cause"] = e.Error.Name, e.Error.Cause
	} else {
		object["output"] = e.Output
	}
	return writeJSON(w, object)
}

// causeText is the sentence in a cause: Lambda's is an object with it.
func causeText(cause string) string {
	var lambda struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(cause), &lambda) == nil && lambda.Message != "" {
		return lambda.Message
	}
	return cause
}
