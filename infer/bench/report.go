package bench

import "github.com/scones-unlimited/scones/infer"

// ReportVersion is the version of the schema.
const ReportVersion = 1

// A Report is everything that one command measured.
type Report struct {
	Version int     `json:"version"` // [ReportVersion]
	Scones  string  `json:"scones"`  // version of the program
	Runtime string  `json:"runtime"` // such as "onnxruntime 1.24.4"
	Decoder string  `json:"decoder"` // what decoded the pictures
	Device  string  `json:"device"`
	Machine Machine `json:"machine"`
	// Pictures that were measured, such as "synthetic small" or the path.
	Pictures string `json:"pictures"`
	// Models holds one model, two when they were compared.
	Models []ModelReport `json:"models"`
	// Comparison of the second model with the first; absent when there is one.
	Comparison *Comparison `json:"comparison,omitempty"`
	// Grid is absent unless it was asked for.
	Grid *GridReport `json:"grid,omitempty"`
}

// A ModelReport is one model's figures.
type ModelReport struct {
	Model string `json:"model"`
	SHA   string `json:"model_sha256,omitempty"`
	// MultiplyAdds of one picture; 0 when unknown.
	MultiplyAdds int64      `json:"multiply_adds"`
	Plan         infer.Plan `json:"plan"`
	// Count of pictures in each round, Failed of those that could not be classified.
	Count  int `json:"count"`
	Failed int `json:"failed"`
	// Rate of the whole pipeline in pictures a second, the median round; Rates are all rounds.
	Rate  float64   `json:"rate"`
	Rates []float64 `json:"rates"`
	// Used microseconds of the processor for a picture of the pipeline, all threads together, the median round; 0 where the system does
	// not tell. Other processes hardly change it. It is more than the stages' sum by what rows, waiting and shared caches cost.
	Used float64 `json:"used_us"`
	// Stages are measured alone, in the order of the pipeline.
	Stages Stages `json:"stages"`
	// Limit of the rate that the stages set together, in pictures a second; the package comment says how.
	Limit float64 `json:"limit"`
	// Efficiency is rate / limit, the median of the rounds' quotients.
	Efficiency float64 `json:"efficiency"`
	// Latency of one picture in memory to its probabilities, one after the other.
	Latency Latency `json:"latency"`
}

// Stages are microseconds of the processor on one thread for one picture.
type Stages struct {
	Read      float64 `json:"read_us"` // open and read the file; not in the limit
	Decode    float64 `json:"decode_us"`
	Resize    float64 `json:"resize_us"`    // resize, crop and fill the tensor
	Inference float64 `json:"inference_us"` // the runtime on ready tensors at its best batch; on a device, time of the clock
	// InferenceBatch is that best batch.
	InferenceBatch int `json:"inference_batch"`
}

// Latency in microseconds: the time that so many percent of the pictures do not exceed.
type Latency struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50_us"`
	P90   float64 `json:"p90_us"`
	P99   float64 `json:"p99_us"`
}

// limit of so many cores in pictures a second.
func (s *Stages) limit(cores int, device infer.Device) float64 {
	c := float64(cores)
	if device != infer.CPU && device != "" { // the device works while the cores decode
		return min(c*1e6/(s.Decode+s.Resize), 1e6/s.Inference)
	}
	return c * 1e6 / (s.Decode + s.Resize + s.Inference)
}

// Shares of reading, decoding, resizing and inference in their sum.
func (s *Stages) Shares() [4]float64 {
	sum := s.Read + s.Decode + s.Resize + s.Inference
	return [4]float64{s.Read / sum, s.Decode / sum, s.Resize / sum, s.Inference / sum}
}
