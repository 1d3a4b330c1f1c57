//go:build !linux

package bench

import "time"

// cpuName is not asked for here.
func cpuName() string { return "" }

// machineTime is not known here.
func machineTime() (total, busy time.Duration) { return 0, 0 }
