package stack

import (
	"fmt"
	"regexp"
	"strings"
)

// ecrImage is ACCOUNT.dkr.ecr.REGION.SUFFIX/REPOSITORY, with a tag or a digest behind it.
var ecrImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)/([a-z0-9]+(?:[._/-][a-z0-9]+)*)(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})?$`)

// RepositoryOf is the ARN of the repository that an image is pulled from.
func (a *Account) RepositoryOf(image string) (string, error) {
	m := ecrImage.FindStringSubmatch(image)
	if m == nil {
		return "", fmt.Errorf("%q is no image in ECR", image)
	}
	if !strings.EqualFold(m[2], a.Region) {
		return "", fmt.Errorf("%q lies in %s, SageMaker pulls images of its own region, %s", image, m[2], a.Region)
	}
	return fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", a.Partition, m[2], m[1], m[4]), nil
}
