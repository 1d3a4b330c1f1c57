// Package bench measures how fast a model is on this machine, where the time goes, and how far that is from what the machine can do.
//
// [Run] takes the pieces apart: decoding, resizing into the tensor, and the runtime on ready tensors are each measured alone, as
// time of the processor on one thread. Together they give the combined limit: a machine of C cores that does nothing else makes
//
//	C / (decode + resize + inference) pictures a second.
//
// Then the whole pipeline runs, pictures to CSV rows, and its rate divided by the limit is the efficiency. Pieces and whole take
// turns, so that a machine whose speed drifts slows both. [Compare] runs two models in alternating pairs, [Grid] runs every
// combination of workers, threads and batch.
//
// A [Report] written as JSON is the stable schema of `scones bench --json`; every field says its unit.
package bench
