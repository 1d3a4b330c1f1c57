package job

import (
	"context"
	"errors"
)

// A Store keeps objects under addresses such as s3://bucket/key.
type Store interface {
	// Get returns an object of at most limit bytes, and its version. Errors wrap [ErrNotFound] where there is none.
	Get(ctx context.Context, uri string, limit int64) (data []byte, version string, err error)
	// Put writes an object. Where o demands a version that is not the one there, errors wrap [ErrConflict], and nothing was written.
	Put(ctx context.Context, uri string, data []byte, o PutOptions) error
}

// PutOptions say how an object is written.
type PutOptions struct {
	ContentType string
	// Version is the one that must be there: empty is any, [NoVersion] none at all.
	Version string
}

// NoVersion demands that there is no object yet.
const NoVersion = "*"

// Errors that a [Store] wraps.
var (
	ErrNotFound = errors.New("there is no such object")
	ErrConflict = errors.New("another has written it meanwhile")
)
