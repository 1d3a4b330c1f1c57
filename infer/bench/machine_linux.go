package bench

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// cpuName reads the model name of the first core; empty when there is none.
func cpuName() string {
	for line := range linesOf("/proc/cpuinfo") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// tick of /proc/stat's counters: USER_HZ is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// machineTime is what all cores together have had since the start, and how much of it was not idle (proc(5): user, nice, system, idle,
// iowait, irq, softirq, steal; guest is within user). Zero when it cannot be read.
func machineTime() (total, busy time.Duration) {
	for line := range linesOf("/proc/stat") {
		fields := strings.Fields(line)
		if len(fields) < 9 || fields[0] != "cpu" {
			continue
		}
		for i, field := range fields[1:9] {
			n, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, 0
			}
			total += time.Duration(n) * tick
			if i != 3 && i != 4 {
				busy += time.Duration(n) * tick
			}
		}
		return total, busy
	}
	return 0, 0
}

// linesOf yields the lines of a system file, none when it cannot be read.
func linesOf(name string) func(func(string) bool) {
	return func(yield func(string) bool) {
		file, err := os.Open(name)
		if err != nil {
			return
		}
		defer file.Close()
		scanner := bufio.NewScanner(io.LimitReader(file, 1<<20))
		for scanner.Scan() {
			if !yield(scanner.Text()) {
				return
			}
		}
	}
}
