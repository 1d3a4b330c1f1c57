package awstest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type dashboard struct {
	arn, body *string
	modified  time.Time
}

func putDashboard(c *call, in *cloudwatch.PutDashboardInput) (*cloudwatch.PutDashboardOutput, error) {
	var body struct{ Widgets []json.RawMessage }
	if err := json.Unmarshal([]byte(value(in.DashboardBody)), &body); err != nil || body.Widgets == nil {
		return nil, wire.Errorf("InvalidParameterInput", "The dashboard body is invalid: widgets are missing")
	}
	arn := "arn:aws:cloudwatch::" + Account + ":dashboard/" + value(in.DashboardName)
	c.region.cloudwatch.dashboards[value(in.DashboardName)] = &dashboard{&arn, in.DashboardBody, c.now}
	return &cloudwatch.PutDashboardOutput{DashboardValidationMessages: []types.DashboardValidationMessage{}}, nil
}

func noDashboard(name string) error {
	return &wire.Error{Status: 404, Code: "ResourceNotFound", Message: "Dashboard " + name + " does not exist"}
}

func getDashboard(c *call, in *cloudwatch.GetDashboardInput) (*cloudwatch.GetDashboardOutput, error) {
	d := c.region.cloudwatch.dashboards[value(in.DashboardName)]
	if d == nil {
		return nil, noDashboard(value(in.DashboardName))
	}
	return &cloudwatch.GetDashboardOutput{DashboardName: in.DashboardName, DashboardArn: d.arn, DashboardBody: d.body}, nil
}

func deleteDashboards(c *call, in *cloudwatch.DeleteDashboardsInput) (*cloudwatch.DeleteDashboardsOutput, error) {
	for _, name := range in.DashboardNames {
		if c.region.cloudwatch.dashboards[name] == nil {
			return nil, noDashboard(name)
		}
	}
	for _, name := range in.DashboardNames {
		delete(c.region.cloudwatch.dashboards, name)
	}
	return &cloudwatch.DeleteDashboardsOutput{}, nil
}

func listDashboards(c *call, in *cloudwatch.ListDashboardsInput) (*cloudwatch.ListDashboardsOutput, error) {
	out := []types.DashboardEntry{}
	for _, name := range slices.Sorted(maps.Keys(c.region.cloudwatch.dashboards)) {
		if d := c.region.cloudwatch.dashboards[name]; strings.HasPrefix(name, value(in.DashboardNamePrefix)) {
			out = append(out, types.DashboardEntry{DashboardName: &name, DashboardArn: d.arn, LastModified: &d.modified, Size: new(int64(len(*d.body)))})
		}
	}
	out, next, err := page(c.Server, out, in.NextToken, nil, 100)
	if err != nil {
		return nil, err
	}
	return &cloudwatch.ListDashboardsOutput{DashboardEntries: out, NextToken: next}, nil
}
