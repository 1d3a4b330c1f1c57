package stack

import (
	"fmt"

	"github.com/scones-unlimited/scones/aws/lambdazip"
	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/price"
)

func (a *Account) bucketPrice() plan.Price {
	return price.Uses(a.Region, "s3 storage", "s3 put", "s3 get")
}

func (a *Account) logPrice() plan.Price { return price.Uses(a.Region, "logs ingest", "logs storage") }

// functionPrice is that of a Lambda function of an architecture.
func (a *Account) functionPrice(architecture string) plan.Price {
	if architecture == lambdazip.ARM64 {
		return price.Uses(a.Region, "lambda request", "lambda arm time")
	}
	return price.Uses(a.Region, "lambda request", "lambda x86 time")
}

func (a *Account) machinePrice() plan.Price { return price.Uses(a.Region, "states transition") }

func (a *Account) alarmPrice() plan.Price { return price.Hourly(a.Region, "alarm", 1) }

// computePrice is that of an endpoint. Scale may be nil.
func (a *Account) computePrice(c Compute, scale *Scale) plan.Price {
	if c.Instance == "" {
		return price.Uses(a.Region, fmt.Sprintf("serverless %d MB", c.MemoryMB), "serverless data")
	}
	p := price.Hourly(a.Region, "hosting "+c.Instance, float64(c.Count))
	if scale != nil && c.Count > 0 {
		p.Most = p.Hourly / float64(c.Count) * float64(scale.Max)
	}
	return p
}

func (a *Account) topicPrice() plan.Price { return price.Uses(a.Region, "sns request", "sns e-mail") }

func (a *Account) queuePrice() plan.Price { return price.Uses(a.Region, "sqs request") }

func (a *Account) schedulePrice() plan.Price { return price.Uses(a.Region, "scheduler invocation") }
