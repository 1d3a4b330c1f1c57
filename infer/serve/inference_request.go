package serve

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// An inferRequest is the protocol's request, its binary tensors taken out of the body.
type inferRequest struct {
	ID         string        `json:"id"`
	Parameters parameters    `json:"parameters"`
	Inputs     []inferInput  `json:"inputs"`
	Outputs    []inferOutput `json:"outputs"`
}

// An inferInput is one tensor: Data in JSON, or raw bytes.
type inferInput struct {
	Name       string          `json:"name"`
	Datatype   string          `json:"datatype"`
	Shape      []int64         `json:"shape"`
	Parameters parameters      `json:"parameters"`
	Data       json.RawMessage `json:"data"`
	raw        []byte
}

// An inferOutput is an output that the client wants.
type inferOutput struct {
	Name       string     `json:"name"`
	Parameters parameters `json:"parameters"`
}

// parameters that are understood; others are left alone.
type parameters struct {
	BinarySize     *int64 `json:"binary_data_size"`
	Binary         *bool  `json:"binary_data"`
	BinaryOutput   bool   `json:"binary_data_output"`
	Classification int    `json:"classification"`
}

// maxInferParts bounds inputs and outputs of a request; no more than one and a few make sense.
const maxInferParts = 16

// parseInfer reads a request. HeaderLength is the value of Inference-Header-Content-Length, the size of the JSON part; empty means
// that all is JSON.
func parseInfer(body []byte, headerLength string) (*inferRequest, error) {
	text, rest := body, []byte(nil)
	if headerLength != "" {
		n, err := strconv.ParseUint(headerLength, 10, 63)
		if err != nil || n > uint64(len(body)) {
			return nil, fmt.Errorf("Inference-Header-Content-Length %q is no length of a part of a body of %d bytes", clip(headerLength), len(body))
		}
		text, rest = body[:n], body[n:]
	}
	r := new(inferRequest)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("the request is no JSON object of the Open Inference Protocol: %w", err)
	}
	if len(r.Inputs) > maxInferParts || len(r.Outputs) > maxInferParts {
		return nil, fmt.Errorf("%d inputs and %d outputs, at most %d are read", len(r.Inputs), len(r.Outputs), maxInferParts)
	}
	for i := range r.Inputs {
		in := &r.Inputs[i]
		size := in.Parameters.BinarySize
		if size == nil {
			continue
		}
		if *size < 0 || *size > int64(len(rest)) {
			return nil, fmt.Errorf("input %q: binary_data_size %d, but %d bytes are left in the body", clip(in.Name), *size, len(rest))
		}
		if in.Data != nil {
			return nil, fmt.Errorf("input %q has data and binary_data_size; give one", clip(in.Name))
		}
		in.raw, rest = rest[:*size:*size], rest[*size:]
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes at the end of the body belong to no input", len(rest))
	}
	return r, nil
}

// count checks a tensor's shape against the wanted shape of one picture and returns the number of pictures, at most most.
func (in *inferInput) count(picture []int64, most int) (int, error) {
	if len(in.Shape) == 0 || in.Shape[0] < 1 || !slices.Equal(in.Shape[1:], picture) {
		return 0, fmt.Errorf("input %q has shape %v; it must be [N] followed by %v", clip(in.Name), in.Shape, picture)
	}
	if in.Shape[0] > int64(most) {
		return 0, fmt.Errorf("input %q holds %d pictures; at most %d are taken in one request", clip(in.Name), in.Shape[0], most)
	}
	return int(in.Shape[0]), nil
}

// pictures returns the n elements of a BYTES tensor: in binary each has its length in front, little endian; in JSON each is a string
// of base64, because JSON has no bytes.
func (in *inferInput) pictures(n int) ([][]byte, error) {
	list := make([][]byte, 0, min(n, 64))
	if in.Parameters.BinarySize == nil {
		var err error
		if list, err = base64Elements(in.Data); err != nil {
			return nil, fmt.Errorf("input %q: %w", clip(in.Name), err)
		}
	}
	for rest := in.raw; len(rest) > 0; {
		if len(rest) < 4 || uint64(binary.LittleEndian.Uint32(rest)) > uint64(len(rest)-4) {
			return nil, fmt.Errorf("input %q: element %d does not end inside the tensor", clip(in.Name), len(list))
		}
		size := int(binary.LittleEndian.Uint32(rest))
		list = append(list, rest[4:4+size])
		rest = rest[4+size:]
		if len(list) > n {
			break
		}
	}
	if len(list) != n {
		return nil, fmt.Errorf("input %q holds %d or more elements, its shape says %d", clip(in.Name), len(list), n)
	}
	return list, nil
}

// base64Elements reads strings, flat or nested as the shape is.
func base64Elements(data json.RawMessage) ([][]byte, error) {
	var flat [][]byte
	if err := json.Unmarshal(data, &flat); err == nil {
		return flat, nil
	}
	var nested [][][]byte
	if err := json.Unmarshal(data, &nested); err != nil {
		return nil, fmt.Errorf("data in JSON must be strings of base64, one a picture; the binary extension takes bytes as they are")
	}
	return slices.Concat(nested...), nil
}
