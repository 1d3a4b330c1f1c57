package source

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/scones-unlimited/scones/model"
)

// A ConfigError names a key of another library's configuration that is missing, wrong or not understood. It wraps
// [model.ErrManifest].
type ConfigError struct {
	File    string // such as "preprocessor_config.json", or "metadata" for an ONNX file's own
	Key     string
	Problem string // such as "is 5, must be 0, 1, 2 or 3"
}

// Error gives file and key and what is wrong with the key.
func (e *ConfigError) Error() string { return fmt.Sprintf("%s: key %q %s", e.File, e.Key, e.Problem) }

// Unwrap returns [model.ErrManifest].
func (e *ConfigError) Unwrap() error { return model.ErrManifest }

// A config is a JSON object of another library. It keeps the first error, so that a mapping reads as a list of keys, and knows
// which keys were asked for, so that one that may change the result cannot be passed over.
type config struct {
	file, path string // the path of the object in the file, such as "pretrained_cfg."
	values     map[string]json.RawMessage
	asked      map[string]bool
	err        error
}

// newConfig parses an object; an error names the file.
func newConfig(file, path string, data []byte) (*config, error) {
	c := &config{file: file, path: path, asked: map[string]bool{}}
	if err := json.Unmarshal(data, &c.values); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", file, model.ErrManifest, err)
	}
	return c, nil
}

// fail keeps the first error.
func (c *config) fail(key, format string, values ...any) {
	if c.err == nil {
		c.err = &ConfigError{c.file, c.path + key, fmt.Sprintf(format, values...)}
	}
}

// has tells whether a key is there and not null.
func (c *config) has(key string) bool {
	c.asked[key] = true
	value, ok := c.values[key]
	return ok && string(value) != "null"
}

// get reads a key, or gives absent when it is missing or null. A value of another type is an error.
func get[T any](c *config, key string, absent T) T {
	if !c.has(key) {
		return absent
	}
	var v T
	if err := json.Unmarshal(c.values[key], &v); err != nil {
		c.fail(key, "is %.60s, which is no %s", c.values[key], kindOf(v))
		return absent
	}
	return v
}

// need reads a key that must be there.
func need[T any](c *config, key string) T {
	var v T
	if !c.has(key) {
		c.fail(key, "is missing")
		return v
	}
	return get(c, key, v)
}

// object reads a key that holds an object; nil when it is missing, null or something else.
func (c *config) object(key string) *config {
	if !c.has(key) {
		return nil
	}
	inner, err := newConfig(c.file, c.path+key+".", c.values[key])
	if err != nil {
		c.fail(key, "is %.60s, which is no object", c.values[key])
		return nil
	}
	return inner
}

// ignore marks keys that do not change a score.
func (c *config) ignore(keys ...string) {
	for _, key := range keys {
		c.asked[key] = true
	}
}

// refuseRest fails on the first key that was not asked for, unless it is null or false and so asks for nothing.
func (c *config) refuseRest() {
	for _, key := range slices.Sorted(maps.Keys(c.values)) {
		if text := string(c.values[key]); !c.asked[key] && text != "null" && text != "false" {
			c.fail(key, "is %.60s, and is not understood: it may change what the model sees", text)
		}
	}
}

// kindOf names what JSON would have to hold.
func kindOf(v any) string {
	switch v.(type) {
	case bool:
		return "true or false"
	case string:
		return "text"
	case int:
		return "whole number"
	case float64:
		return "number"
	case []string:
		return "list of texts"
	case []int:
		return "list of whole numbers"
	case []float64:
		return "list of numbers"
	}
	return "value of the right kind"
}
