package transform

import (
	"strconv"
	"strings"
)

// MaxPayloadMB is the largest payload of a request, in MiB. Payload times concurrent requests has the same limit (CreateTransformJob).
const MaxPayloadMB = 100

// A Limit is what a job asks of each instance.
type Limit struct {
	PayloadMB, Concurrent int32
}

// LimitFor takes the smallest payload that holds the largest picture, for the less it is the more requests may be under way, and two
// requests for each processor of the instance, so that one waits while another is computed.
func LimitFor(largest int64, instance string) Limit {
	payload := max(1, min(MaxPayloadMB, (largest+1<<20-1)>>20))
	return Limit{int32(payload), int32(max(1, min(MaxPayloadMB/payload, int64(2*Processors(instance)))))}
}

// Processors of an instance by its size, as its family's naming has it; 2 where the size says nothing.
func Processors(instance string) int {
	size := instance[strings.LastIndexByte(instance, '.')+1:]
	if times, ok := strings.CutSuffix(size, "xlarge"); ok {
		if times == "" {
			return 4
		}
		if n, err := strconv.Atoi(times); err == nil && n > 0 && n < 1000 {
			return 4 * n
		}
	}
	return 2
}
