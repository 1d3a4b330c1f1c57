// Package timeaxis finds round times for the axes of charts.
package timeaxis

import (
	"math"
	"time"
)

// A Tick is a round time.
type Tick struct {
	At   float64 // seconds since 1970
	Text string  // in UTC
}

const minute, hour, day = 60.0, 3600.0, 86400.0

var steps = []float64{
	1, 5, 15, 30, minute, 5 * minute, 15 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day,
	180 * day, 366 * day,
}

// Ticks are at most n round times, or one more, from low to high, in seconds since 1970.
func Ticks(low, high float64, n int) []Tick {
	by := steps[len(steps)-1]
	for _, s := range steps {
		if (high-low)/s <= float64(n) {
			by = s
			break
		}
	}
	layout := "2 Jan 2006"
	switch {
	case by < minute:
		layout = "15:04:05"
	case by < day && high-low < day:
		layout = "15:04"
	case by < day:
		layout = "2 Jan 15:04"
	case high-low < 300*day:
		layout = "2 Jan"
	}
	var list []Tick
	for i := math.Ceil(low / by); i*by <= high && len(list) < 4*n+4; i++ {
		list = append(list, Tick{i * by, time.Unix(int64(i*by), 0).UTC().Format(layout)})
	}
	return list
}
