package mxnet

import (
	"encoding/json"
	"fmt"
)

// parseShapes reads model-shapes.json: [{"name": "data", "shape": [N, C, H, W]}].
func parseShapes(data []byte) ([]Input, error) {
	var entries []struct {
		Name  string  `json:"name"`
		Shape []int64 `json:"shape"`
	}
	if err := json.Unmarshal(data, &entries); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArtifact, err)
	}
	inputs := make([]Input, 0, len(entries))
	for _, e := range entries {
		if len(e.Shape) > maxRank {
			return nil, fmt.Errorf("%w: input %.100q has %d dimensions, at most %d are read", ErrArtifact, e.Name, len(e.Shape), maxRank)
		}
		for _, d := range e.Shape {
			if d < 1 || d > maxDim {
				return nil, fmt.Errorf("%w: input %.100q has the impossible shape %v", ErrArtifact, e.Name, e.Shape)
			}
		}
		inputs = append(inputs, Input{e.Name, e.Shape})
	}
	return inputs, nil
}
