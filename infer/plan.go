package infer

import "fmt"

// A Plan is how a model is run on this machine: how many batches are decoded and scored side by side, how many threads work inside
// one call of the runtime, and how many pictures a call gets.
type Plan struct {
	// Workers decode and score side by side, each on a batch of its own.
	Workers int `json:"workers"`
	// Threads inside one call of the runtime.
	Threads int `json:"threads"`
	// Batch is the largest number of pictures in one call.
	Batch int `json:"batch"`
	// Reason says in a sentence why, for people.
	Reason string `json:"reason"`
}

const (
	// callMultiplyAdds is the work that one call should hold. Measured with ResNet-20 at 32 × 32 (41 M multiply-adds): 16 pictures a call
	// take 5 % less time a picture than one, 64 no less than 16; with ResNet-18 and ResNet-50 at 224 × 224 (1.8 and 4.1 G) more than
	// one picture a call gains nothing, needs more memory, and lets workers wait for the last call of a run.
	callMultiplyAdds = 1_000_000_000
	// largestBatch bounds the tensors of tiny models.
	largestBatch = 32
	// unknownBatch is for graphs whose work cannot be told.
	unknownBatch = 4
	// deviceBatch feeds a graphics card, which needs many pictures at once to be busy.
	deviceBatch = 32
)

// NewPlan chooses for a model of so many multiply-adds a picture, 0 when they are unknown, on so many cores.
//
// On the processor every core decodes and scores in turn, with one thread a call: no core waits for another, nothing is
// oversubscribed, decoding and scoring overlap whatever their shares are, and the scores do not depend on the choice. Threads inside
// a call share one set of activations but wait for each other at every operator; `scones bench --grid` shows that they win nothing.
func NewPlan(multiplyAdds int64, cores int, device Device) Plan {
	cores = max(cores, 1)
	p := Plan{Workers: cores, Threads: 1, Batch: unknownBatch}
	switch {
	case device != CPU && device != "":
		p.Batch = deviceBatch
		p.Reason = fmt.Sprintf("%s on %s: decode on every core, %d pictures a call keep the device busy", plural(cores, "core"), device, p.Batch)
		return p
	case multiplyAdds <= 0:
		p.Reason = fmt.Sprintf("the model's multiply-adds are unknown; %s: a call of one thread on each", plural(cores, "core"))
		return p
	}
	for p.Batch = 1; p.Batch < largestBatch && int64(2*p.Batch) <= callMultiplyAdds/multiplyAdds; {
		p.Batch *= 2
	}
	p.Reason = fmt.Sprintf("%s multiply-adds a picture on %s: a call of one thread on each core, %s a call", millions(multiplyAdds),
		plural(cores, "core"), plural(p.Batch, "picture"))
	return p
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// millions writes a count as people say it.
func millions(n int64) string {
	if n < 10_000_000 {
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	}
	return fmt.Sprintf("%d M", (n+500_000)/1_000_000)
}
