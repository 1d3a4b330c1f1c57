package registry_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/aws/registry"
)

func TestImage(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1":      "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
		"cn-north-1":     "390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn/image-classification:1",
		"us-gov-west-1":  "226302683700.dkr.ecr.us-gov-west-1.amazonaws.com/image-classification:1",
		"ap-southeast-4": "106583098589.dkr.ecr.ap-southeast-4.amazonaws.com/image-classification:1",
	} {
		r, err := registry.Find(region)
		if err != nil || r.Image() != want {
			t.Errorf("Find(%q).Image() = %q, %v, want %q", region, r.Image(), err, want)
		}
	}
	r, _ := registry.Find("cn-northwest-1")
	if got, want := r.RepositoryARN(), "arn:aws-cn:ecr:cn-northwest-1:387376663083:repository/image-classification"; got != want {
		t.Errorf("RepositoryARN() = %q, want %q", got, want)
	}
}

// TestAll checks the table's shape: 33 regions, each account of 12 digits and there once.
func TestAll(t *testing.T) {
	all := registry.All()
	if len(all) != 33 {
		t.Errorf("%d regions, want 33", len(all))
	}
	seen := map[string]string{}
	for _, r := range all {
		if !regexp.MustCompile(`^\d{12}$`).MatchString(r.Account) || seen[r.Account] != "" {
			t.Errorf("%s: account %q, also of %q", r.Region, r.Account, seen[r.Account])
		}
		seen[r.Account] = r.Region
	}
}

func TestUnknownRegion(t *testing.T) {
	_, err := registry.Find("eu-west-9")
	var unknown *registry.RegionError
	if !errors.Is(err, registry.ErrRegion) || !errors.As(err, &unknown) || !strings.Contains(unknown.Hint(), "eu-west-1") || strings.Contains(unknown.Hint(), "us-east-1") {
		t.Errorf("Find of an unknown region: %v", err)
	}
}
