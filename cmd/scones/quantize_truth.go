package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/scones-unlimited/scones/model"
)

// classesOf gives the true class of a picture of a folder by its name: nil for none, folders for the name of the folder it lies in, or
// what a .lst file says.
func classesOf(from, folder string, m *model.Model) (func(name string) (int, bool), error) {
	var t *truth
	var err error
	switch {
	case from == "":
		return nil, nil
	case from == "folders":
		t, err = folderTruth(folder, &classNames{labels: m.Labels})
	case strings.EqualFold(filepath.Ext(from), ".lst"):
		t, err = listTruth(from, folder, &classNames{labels: m.Labels})
	default:
		return nil, &usageError{fmt.Sprintf("--labels-from %q: must be folders or a .lst file", from), ""}
	}
	if err != nil {
		return nil, fmt.Errorf("--labels-from: %w", err)
	}
	return t.of, nil
}
