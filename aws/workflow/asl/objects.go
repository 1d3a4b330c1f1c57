package asl

import (
	"context"
	"iter"
	"time"
)

// Objects are the buckets that a Distributed Map works with.
type Objects interface {
	// List yields the objects of a bucket whose keys begin with prefix, in the order of their keys. An error is final.
	List(ctx context.Context, bucket, prefix string) iter.Seq2[Object, error]
	// Read returns an object's bytes.
	Read(ctx context.Context, bucket, key string) ([]byte, error)
	// Write makes an object, or replaces it.
	Write(ctx context.Context, bucket, key string, data []byte) error
}

// An Object is one entry of a listing.
type Object struct {
	Key, ETag string
	Size      int64
	Modified  time.Time
}

// item is the object as Step Functions hands it to an execution.
func (o Object) item() any {
	return map[string]any{
		"Etag": `"` + o.ETag + `"`, "Key": o.Key, "LastModified": asNumber(int(o.Modified.Unix())), "Size": asNumber(int(o.Size)), "StorageClass": "STANDARD",
	}
}
