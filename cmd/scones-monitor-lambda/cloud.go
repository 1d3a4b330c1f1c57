package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/monitoring"
	"github.com/scones-unlimited/scones/infer/monitor/job"
)

// A store is S3 as a job sees it.
type store struct{ objects *aws.Objects }

// Get returns an object and its ETag. S3 answers a missing key as one that is forbidden where the bucket may be listed in part only.
func (s store) Get(ctx context.Context, uri string, limit int64) ([]byte, string, error) {
	data, etag, err := s.objects.Get(ctx, uri, limit)
	if answer, ok := errors.AsType[*aws.StoreError](err); ok && (answer.Type == aws.NoSuchKey || answer.Type == aws.AccessDenied) {
		err = fmt.Errorf("%w (%w)", job.ErrNotFound, err)
	}
	return data, etag, err
}

// Put writes an object.
func (s store) Put(ctx context.Context, uri string, data []byte, o job.PutOptions) error {
	when := aws.Condition{ETag: o.Version}
	if o.Version == job.NoVersion {
		when = aws.Condition{None: true}
	}
	err := s.objects.Put(ctx, uri, data, o.ContentType, when)
	if answer, ok := errors.AsType[*aws.StoreError](err); ok && (answer.Type == aws.PreconditionFailed || answer.Type == aws.Conflict) {
		err = fmt.Errorf("%w (%w)", job.ErrConflict, err)
	}
	return err
}

// metrics is CloudWatch as a job sees it.
type metrics struct{ to *monitoring.Metrics }

// Put writes data into a namespace.
func (m metrics) Put(ctx context.Context, namespace string, data []job.Datum) error {
	list := make([]monitoring.Datum, len(data))
	for i, d := range data {
		list[i] = monitoring.Datum{Name: d.Name, Time: d.Time, Value: d.Value, Unit: d.Unit}
		for _, dim := range d.Dimensions {
			list[i].Dimensions = append(list[i].Dimensions, [2]string{dim.Name, dim.Value})
		}
		if s := d.Stats; s != nil {
			list[i].Count, list[i].Sum, list[i].Min, list[i].Max = s.Count, s.Sum, s.Min, s.Max
		}
	}
	return m.to.Put(ctx, namespace, list)
}
