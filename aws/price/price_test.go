package price_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/price"
)

// TestTable checks the table's shape: each price is there once, with a unit, a source and a date.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	region, date := regexp.MustCompile(`^[a-z]{2}(-gov)?-[a-z]+-\d$`), regexp.MustCompile(`^20\d\d(-\d\d(-\d\d)?)?$`)
	for _, e := range price.Table() {
		if key := e.Region + " " + e.Item; seen[key] {
			t.Errorf("%s is there twice", key)
		} else {
			seen[key] = true
		}
		if !(e.USD > 0) || e.Per == "" || len(e.Source) < 5 || !date.MatchString(e.Date) || !region.MatchString(e.Region) {
			t.Errorf("entry %+v", e)
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d prices", len(seen))
	}
}

// about is what additions of floating-point numbers leave.
var about = cmpopts.EquateApprox(0, 1e-12)

func TestHourly(t *testing.T) {
	got := price.Hourly("us-east-1", "hosting ml.m5.large", 3)
	if diff := cmp.Diff(plan.Price{Hourly: 0.345, Source: "AWS Price List API, AmazonSageMaker", Date: "2026-07-30"}, got, about); diff != "" {
		t.Error(diff)
	}
	if got := price.Hourly("us-east-1", "alarm", 1).Hourly; !cmp.Equal(got*plan.HoursPerMonth, 0.1, about) {
		t.Errorf("an alarm costs %v an hour", got)
	}
	unknown := price.Hourly("eu-west-9", "hosting ml.m5.xlarge", 1)
	if unknown.Hourly != 0 || unknown.Unknown != "no price of hosting ml.m5.xlarge in eu-west-9 in the table (it has eu-west-1, us-east-1)" {
		t.Errorf("got %+v", unknown)
	}
}

func TestUses(t *testing.T) {
	got := price.Uses("us-east-1", "s3 storage", "logs ingest", "s3 teleport")
	if len(got.Uses) != 2 || got.UnknownUse != "no price of s3 teleport in us-east-1 in the table" || !strings.Contains(got.Source, "s3/pricing; aws.amazon.com/cloudwatch") {
		t.Errorf("got %+v", got)
	}
}
