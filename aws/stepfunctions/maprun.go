package stepfunctions

import (
	"context"
	"fmt"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// Items are how far the Distributed Maps of an execution have come.
type Items struct{ Done, Failed, Total int64 }

// Items asks for the counts of an execution's map runs. They are zero before the map has begun to read its items.
func (m *Machine) Items(ctx context.Context, arn string) (Items, error) {
	var items Items
	pages := sfn.NewListMapRunsPaginator(m.client, &sfn.ListMapRunsInput{ExecutionArn: &arn})
	for pages.HasMorePages() {
		page, err := next(ctx, pages.NextPage)
		if err != nil {
			return items, fmt.Errorf("list the map runs of %s: %w", arn, plain(err))
		}
		for _, run := range page.MapRuns {
			ctx, cancel := context.WithTimeout(ctx, callTime)
			out, err := m.client.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: run.MapRunArn})
			cancel()
			if err != nil {
				return items, fmt.Errorf("describe map run %s: %w", awssdk.ToString(run.MapRunArn), plain(err))
			}
			if c := out.ItemCounts; c != nil {
				items.Done += c.Succeeded
				items.Failed += c.Failed + c.Aborted + c.TimedOut
				items.Total += c.Total
			}
		}
	}
	return items, nil
}
