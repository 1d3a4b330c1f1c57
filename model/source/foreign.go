package source

import (
	"github.com/scones-unlimited/scones/model"
	"github.com/scones-unlimited/scones/model/onnx"
)

func fromUltralytics(*onnx.File) (*model.Model, bool, error) { return nil, false, nil }

func fromTimmMetadata(*onnx.File) (*model.Model, bool, error) { return nil, false, nil }

func (s *Source) openFolder() error {
	return &model.FieldError{Field: "labels", Problem: "is missing"}
}
