package capture

import "fmt"

// A Code says in one stable word why a record is of no use.
type Code string

// The codes.
const (
	CodeTruncated   Code = "truncated-record" // the file ends within it
	CodeTooLarge    Code = "record-too-large" // more than Options.MaxRecord bytes
	CodeSyntax      Code = "not-a-record"     // not JSON, or JSON of another kind
	CodeManifest    Code = "batch-manifest"   // a list of files that Batch Transform left
	CodeNoInput     Code = "no-input"         // captured without what was sent
	CodeNoOutput    Code = "no-output"        // captured without the answer
	CodeNotPicture  Code = "not-a-picture"    // the input is CSV, JSON or text
	CodeEncoding    Code = "bad-encoding"     // data is not what encoding says
	CodeNotScores   Code = "not-scores"       // the answer is no list of numbers
	CodeManyAnswers Code = "many-answers"     // the answer is to several inputs at once
)

// A RecordError says what is wrong with one record; the records behind it can be read.
type RecordError struct {
	Code Code
	Err  error
}

// Error gives the cause; the code is for machines.
func (e *RecordError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Err }

// ErrorCode returns the code.
func (e *RecordError) ErrorCode() string { return string(e.Code) }

// refuse makes a [*RecordError]; the format's last verb may be %w.
func refuse(code Code, format string, args ...any) *RecordError {
	return &RecordError{code, fmt.Errorf(format, args...)}
}
