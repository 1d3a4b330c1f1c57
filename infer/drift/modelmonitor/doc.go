// Package modelmonitor reads and writes the files of SageMaker's Model Monitor: statistics.json and constraints.json, which describe a
// baseline, and constraint_violations.json, which a monitoring run leaves. Their shapes are those of the SageMaker Developer Guide
// ("Schema for Statistics", "Schema for Constraints", "Schema for Violations") and of files that its container wrote.
//
// The rules in constraints.json do not know how many rows there are; package drift's do. They are here for those who have such files, or
// tools that read them.
package modelmonitor

import "errors"

// The names that the container gives its files.
const (
	StatisticsFile  = "statistics.json"
	ConstraintsFile = "constraints.json"
	ViolationsFile  = "constraint_violations.json"
)

// ErrFile is wrapped by every error about a file that does not have the shape of its kind.
var ErrFile = errors.New("not a file of Model Monitor")

// MaxBytes is the largest file that is read.
const MaxBytes = 64 << 20
