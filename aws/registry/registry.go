// Package registry knows where AWS keeps the images of its built-in image classification, region by region.
//
// The accounts are those of sagemaker-python-sdk's image_uri_config/image-classification.json (commit a248126). The package imports
// no SDK and makes no call.
package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrRegion is wrapped when a region has no registry of the algorithm.
var ErrRegion = errors.New("no built-in image classification in this region")

// A Partition is one of AWS's separate worlds: an account and its ARNs live in one of them.
type Partition struct {
	// Name stands in ARNs: aws, aws-cn or aws-us-gov.
	Name string
	// Suffix of the host names of its services.
	Suffix string
}

// The partitions.
var (
	Standard = Partition{"aws", "amazonaws.com"}
	China    = Partition{"aws-cn", "amazonaws.com.cn"}
	GovCloud = Partition{"aws-us-gov", "amazonaws.com"}
)

// PartitionOf tells a region's partition by its name; an unknown name is taken as of the standard one.
func PartitionOf(region string) Partition {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return China
	case strings.HasPrefix(region, "us-gov-"):
		return GovCloud
	}
	return Standard
}

// A Registry is what AWS keeps the algorithm's images in, in one region.
type Registry struct {
	Region  string
	Account string // 12 digits
}

// algorithm is the repository, and the only tag that was ever published.
const (
	algorithm = "image-classification"
	tag       = "1"
)

// Find returns a region's registry. Errors are [*RegionError].
func Find(region string) (Registry, error) {
	account, ok := accounts[region]
	if !ok {
		return Registry{}, &RegionError{region}
	}
	return Registry{region, account}, nil
}

// All registries, by region.
func All() []Registry {
	all := make([]Registry, 0, len(accounts))
	for region, account := range accounts {
		all = append(all, Registry{region, account})
	}
	slices.SortFunc(all, func(a, b Registry) int { return strings.Compare(a.Region, b.Region) })
	return all
}

// Host is the registry's address.
func (r Registry) Host() string { return Host(r.Account, r.Region) }

// Image names the algorithm's image, for CreateTrainingJob and CreateModel.
func (r Registry) Image() string { return r.Host() + "/" + algorithm + ":" + tag }

// RepositoryARN is what a policy names to let the image be pulled.
func (r Registry) RepositoryARN() string {
	return fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", PartitionOf(r.Region).Name, r.Region, r.Account, algorithm)
}

// Host is the address of an account's own registry in a region.
func Host(account, region string) string {
	return fmt.Sprintf("%s.dkr.ecr.%s.%s", account, region, PartitionOf(region).Suffix)
}

// A RegionError names a region without the algorithm. It wraps [ErrRegion].
type RegionError struct{ Region string }

// Error names the region.
func (e *RegionError) Error() string { return fmt.Sprintf("%v: %q", ErrRegion, e.Region) }

// Unwrap returns [ErrRegion].
func (e *RegionError) Unwrap() error { return ErrRegion }

// Hint lists the regions of the same part of the world, or all.
func (e *RegionError) Hint() string {
	area, _, _ := strings.Cut(e.Region, "-")
	var near, all []string
	for _, r := range All() {
		all = append(all, r.Region)
		if strings.HasPrefix(r.Region, area+"-") {
			near = append(near, r.Region)
		}
	}
	if len(near) == 0 {
		near = all
	}
	return "say one of these with --region: " + strings.Join(near, ", ")
}
