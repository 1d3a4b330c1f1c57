package job

import "fmt"

// Names of errors, as Lambda reports them.
const (
	EventInvalid       = "EVENT_INVALID"       // a window that cannot be meant
	BaselineUnreadable = "BASELINE_UNREADABLE" // not there, or not allowed
	BaselineInvalid    = "BASELINE_INVALID"    // no baseline
	CapturesUnreadable = "CAPTURES_UNREADABLE" // cannot be listed or read
	SequenceInvalid    = "SEQUENCE_INVALID"    // the runs' file is damaged, or of a newer program
	SequenceBusy       = "SEQUENCE_BUSY"       // others changed it at each try
	StoreUnavailable   = "STORE_UNAVAILABLE"   // cannot be written
	MetricsUnavailable = "METRICS_UNAVAILABLE" // were not taken
	TopicUnavailable   = "TOPIC_UNAVAILABLE"   // did not take the message
	ComparisonFailed   = "COMPARISON_FAILED"   // window and baseline cannot be compared
	OutOfTime          = "OUT_OF_TIME"         // more captures than can be read in the time
)

// An Error is a run that did not come to an end. Name is one of the constants.
type Error struct {
	Name string
	Err  error
}

// Error says what was being done, and what happened.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what the user can do; it may be empty.
func (e *Error) Hint() string {
	switch e.Name {
	case OutOfTime:
		return "run it more often, capture a smaller part of the requests, or give the function more memory, which gives it more processor"
	case BaselineInvalid:
		return "scones monitor baseline makes one"
	case SequenceInvalid:
		return "move the file away to begin a new sequence, whose error rate then counts from now"
	}
	return ""
}

func fail(name string, err error) error { return &Error{name, err} }

func failf(name, format string, args ...any) error { return &Error{name, fmt.Errorf(format, args...)} }
