// Package monitoring is how a monitor tells of its verdicts: through metrics of CloudWatch and messages of SNS.
package monitoring

import (
	"context"
	"fmt"
	"math"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"

	"github.com/scones-unlimited/scones/aws"
)

// callTime bounds a call with all its attempts.
const callTime = time.Minute

// A Datum is a value of a metric at a time, or the statistics of several.
type Datum struct {
	Name       string
	Dimensions [][2]string // name and value
	Time       time.Time
	// Value, where Count is 0; else the sum, least and greatest of Count values.
	Value, Count, Sum, Min, Max float64
	// Unit is CloudWatch's; empty means None.
	Unit string
}

// Metrics writes metrics. It is safe for concurrent use.
type Metrics struct{ client *cloudwatch.Client }

// NewMetrics makes no call. It speaks CloudWatch's older protocol, as AWS's command line does: stand-ins know no other.
func NewMetrics(c *aws.Config) *Metrics {
	return &Metrics{cloudwatch.NewFromConfig(c.SDK(), func(o *cloudwatch.Options) { o.Protocol = awsquery.New(schemas.GraniteServiceVersion20100801) })}
}

// maxData is how many data one call takes.
const maxData = 1000

// Put writes data into a namespace. What is no finite number is left out, for CloudWatch refuses a whole call for it.
func (m *Metrics) Put(ctx context.Context, namespace string, data []Datum) error {
	var list []types.MetricDatum
	for i := range data {
		if d, ok := data[i].sdk(); ok {
			list = append(list, d)
		}
	}
	for len(list) > 0 {
		n := min(len(list), maxData)
		if err := m.put(ctx, namespace, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

func (m *Metrics) put(ctx context.Context, namespace string, data []types.MetricDatum) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if _, err := m.client.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: &namespace, MetricData: data}); err != nil {
		return fmt.Errorf("%s: %w", namespace, aws.Plain(err))
	}
	return nil
}

func (d *Datum) sdk() (types.MetricDatum, bool) {
	for _, v := range []float64{d.Value, d.Count, d.Sum, d.Min, d.Max} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return types.MetricDatum{}, false
		}
	}
	out := types.MetricDatum{MetricName: &d.Name, Timestamp: &d.Time, Unit: types.StandardUnitNone}
	if d.Unit != "" {
		out.Unit = types.StandardUnit(d.Unit)
	}
	for _, dim := range d.Dimensions {
		out.Dimensions = append(out.Dimensions, types.Dimension{Name: awssdk.String(dim[0]), Value: awssdk.String(dim[1])})
	}
	if d.Count == 0 {
		out.Value = &d.Value
		return out, true
	}
	out.StatisticValues = &types.StatisticSet{SampleCount: &d.Count, Sum: &d.Sum, Minimum: &d.Min, Maximum: &d.Max}
	return out, true
}
