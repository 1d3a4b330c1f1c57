package awstest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

type ecrState struct{ repositories map[string]*repository }

type repository struct {
	types.Repository
	tags      []types.Tag
	images    []*image
	lifecycle *string
}

type image struct {
	types.ImageDetail
	manifest string
}

func newECR() *ecrState { return &ecrState{map[string]*repository{}} }

func ecrService() *service {
	return &service{name: "ecr", model: "ecr", lower: true, operations: map[string]operation{
		"CreateRepository": typed(createRepository), "DescribeRepositories": typed(describeRepositories), "DeleteRepository": typed(deleteRepository), "GetAuthorizationToken": typed(getAuthorizationToken),
		"DescribeImages": typed(describeImages), "ListImages": typed(listImages), "BatchGetImage": typed(batchGetImage), "PutImage": typed(putImage), "BatchDeleteImage": typed(batchDeleteImage),
		"PutLifecyclePolicy": typed(putLifecyclePolicy), "GetLifecyclePolicy": typed(getLifecyclePolicy), "TagResource": typed(tagRepository), "UntagResource": typed(untagRepository), "ListTagsForResource": typed(listRepositoryTags),
	}}
}

var repositoryName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

func (r *region) repository(name *string) (*repository, error) {
	if repo := r.ecr.repositories[value(name)]; repo != nil {
		return repo, nil
	}
	return nil, wire.Errorf("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", value(name), Account)
}

func createRepository(c *call, in *ecr.CreateRepositoryInput) (*ecr.CreateRepositoryOutput, error) {
	name := value(in.RepositoryName)
	if !repositoryName.MatchString(name) || len(name) < 2 || len(name) > 256 {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'repositoryName' failed to satisfy constraint")
	}
	if c.region.ecr.repositories[name] != nil {
		return nil, wire.Errorf("RepositoryAlreadyExistsException", "The repository with name '%s' already exists in the registry with id '%s'", name, Account)
	}
	repo := &repository{tags: in.Tags}
	repo.Repository = types.Repository{RepositoryName: &name, RepositoryArn: c.region.arn("ecr", "repository/"+name), RegistryId: new(Account), RepositoryUri: new(Account + ".dkr.ecr." + c.regionID + ".amazonaws.com/" + name), CreatedAt: new(c.now),
		ImageTagMutability: in.ImageTagMutability, ImageScanningConfiguration: in.ImageScanningConfiguration, EncryptionConfiguration: in.EncryptionConfiguration}
	if repo.ImageTagMutability == "" {
		repo.ImageTagMutability = types.ImageTagMutabilityMutable
	}
	if repo.ImageScanningConfiguration == nil {
		repo.ImageScanningConfiguration = &types.ImageScanningConfiguration{}
	}
	if repo.EncryptionConfiguration == nil {
		repo.EncryptionConfiguration = &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeAes256}
	}
	c.region.ecr.repositories[name] = repo
	return &ecr.CreateRepositoryOutput{Repository: &repo.Repository}, nil
}

func describeRepositories(c *call, in *ecr.DescribeRepositoriesInput) (*ecr.DescribeRepositoriesOutput, error) {
	names := in.RepositoryNames
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(c.region.ecr.repositories))
	}
	out := []types.Repository{}
	for _, name := range names {
		repo, err := c.region.repository(&name)
		if err != nil {
			return nil, err
		}
		out = append(out, repo.Repository)
	}
	out, next, err := page(c.Server, out, in.NextToken, in.MaxResults, 100)
	if err != nil {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'nextToken'")
	}
	return &ecr.DescribeRepositoriesOutput{Repositories: out, NextToken: next}, nil
}

func deleteRepository(c *call, in *ecr.DeleteRepositoryInput) (*ecr.DeleteRepositoryOutput, error) {
	repo, err := c.region.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if len(repo.images) > 0 && !in.Force {
		return nil, wire.Errorf("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", *repo.RepositoryName, Account)
	}
	delete(c.region.ecr.repositories, *repo.RepositoryName)
	return &ecr.DeleteRepositoryOutput{Repository: &repo.Repository}, nil
}

func getAuthorizationToken(c *call, _ *ecr.GetAuthorizationTokenInput) (*ecr.GetAuthorizationTokenOutput, error) {
	return &ecr.GetAuthorizationTokenOutput{AuthorizationData: []types.AuthorizationData{{
		AuthorizationToken: new(base64.StdEncoding.EncodeToString([]byte("AWS:" + registryPassword))), ExpiresAt: new(c.now.Add(12 * time.Hour)), ProxyEndpoint: new("https://" + Account + ".dkr.ecr." + c.regionID + ".amazonaws.com"),
	}}}, nil
}

// registryPassword is what a registry's clients log in with.
const registryPassword = "awstest"

func (repo *repository) find(id types.ImageIdentifier) *image {
	for _, i := range repo.images {
		if id.ImageDigest != nil && *id.ImageDigest == *i.ImageDigest || id.ImageDigest == nil && slices.Contains(i.ImageTags, value(id.ImageTag)) {
			return i
		}
	}
	return nil
}

func describeImages(c *call, in *ecr.DescribeImagesInput) (*ecr.DescribeImagesOutput, error) {
	repo, err := c.region.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	out := []types.ImageDetail{}
	for _, id := range in.ImageIds {
		i := repo.find(id)
		if i == nil {
			return nil, wire.Errorf("ImageNotFoundException", "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'", value(id.ImageDigest), value(id.ImageTag), *repo.RepositoryName, Account)
		}
		out = append(out, i.ImageDetail)
	}
	if len(in.ImageIds) == 0 {
		for _, i := range repo.images {
			out = append(out, i.ImageDetail)
		}
	}
	out, next, failure := page(c.Server, out, in.NextToken, in.MaxResults, 100)
	if failure != nil {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'nextToken'")
	}
	return &ecr.DescribeImagesOutput{ImageDetails: out, NextToken: next}, nil
}

func listImages(c *call, in *ecr.ListImagesInput) (*ecr.ListImagesOutput, error) {
	repo, err := c.region.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	out := []types.ImageIdentifier{}
	for _, i := range repo.images {
		if len(i.ImageTags) == 0 {
			out = append(out, types.ImageIdentifier{ImageDigest: i.ImageDigest})
		}
		for _, tag := range i.ImageTags {
			out = append(out, types.ImageIdentifier{ImageDigest: i.ImageDigest, ImageTag: &tag})
		}
	}
	out, next, failure := page(c.Server, out, in.NextToken, in.MaxResults, 100)
	if failure != nil {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'nextToken'")
	}
	return &ecr.ListImagesOutput{ImageIds: out, NextToken: next}, nil
}

func batchGetImage(c *call, in *ecr.BatchGetImageInput) (*ecr.BatchGetImageOutput, error) {
	repo, err := c.region.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	out := &ecr.BatchGetImageOutput{Images: []types.Image{}, Failures: []types.ImageFailure{}}
	for _, id := range in.ImageIds {
		if i := repo.find(id); i != nil {
			out.Images = append(out.Images, types.Image{RegistryId: new(Account), RepositoryName: repo.RepositoryName, ImageId: &types.ImageIdentifier{ImageDigest: i.ImageDigest, ImageTag: id.ImageTag}, ImageManifest: &i.manifest, ImageManifestMediaType: i.ImageManifestMediaType})
		} else {
			out.Failures = append(out.Failures, types.ImageFailure{ImageId: &id, FailureCode: types.ImageFailureCodeImageNotFound, FailureReason: new("Requested image not found")})
		}
	}
	return out, nil
}

func putImage(c *call, in *ecr.PutImageInput) (*ecr.PutImageOutput, error) {
	repo, err := c.region.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	i, err := repo.push(c.now, value(in.ImageManifest), value(in.ImageManifestMediaType), value(in.ImageTag))
	if err != nil {
		return nil, err
	}
	return &ecr.PutImageOutput{Image: &types.Image{RegistryId: new(Account), RepositoryName: repo.RepositoryName, ImageId: &types.ImageIdentifier{ImageDigest: i.ImageDigest, ImageTag: in.ImageTag}, ImageManifest: in.ImageManifest, ImageManifestMediaType: i.ImageManifestMediaType}}, nil
}

// push adds an image, or moves a tag to it where tags may move.
func (repo *repository) push(now time.Time, manifest, mediaType, tag string) (*image, error) {
	sum := sha256.Sum256([]byte(manifest))
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if tag != "" {
		if old := repo.find(types.ImageIdentifier{ImageTag: &tag}); old != nil {
			switch {
			case *old.ImageDigest == digest:
				return nil, wire.Errorf("ImageAlreadyExistsException", "Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'", digest, tag, *repo.RepositoryName, Account)
			case repo.ImageTagMutability == types.ImageTagMutabilityImmutable:
				return nil, wire.Errorf("ImageTagAlreadyExistsException", "The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.", tag, *repo.RepositoryName)
			}
			old.ImageTags = slices.DeleteFunc(slices.Clone(old.ImageTags), func(t string) bool { return t == tag })
		}
	}
	i := repo.find(types.ImageIdentifier{ImageDigest: &digest})
	if i == nil {
		var parsed struct {
			MediaType string
			Config    struct{ Size int64 }
			Layers    []struct{ Size int64 }
		}
		if err := json.Unmarshal([]byte(manifest), &parsed); err != nil {
			return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'")
		}
		size := parsed.Config.Size
		for _, layer := range parsed.Layers {
			size += layer.Size
		}
		if mediaType == "" {
			mediaType = parsed.MediaType
		}
		i = &image{manifest: manifest}
		i.ImageDetail = types.ImageDetail{RegistryId: new(Account), RepositoryName: repo.RepositoryName, ImageDigest: &digest, ImageManifestMediaType: &mediaType, ImagePushedAt: &now, ImageSizeInBytes: &size}
		repo.images = append(repo.images, i)
	}
	if tag != "" {
		i.ImageTags = append(i.ImageTags, tag)
	}
	return i, nil
}

func batchDeleteImage(c *call, in *ecr.BatchDeleteImageInput) (*ecr.BatchDeleteImageOutput, error) {
	repo, err := c.region.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	out := &ecr.BatchDeleteImageOutput{ImageIds: []types.ImageIdentifier{}, Failures: []types.ImageFailure{}}
	for _, id := range in.ImageIds {
		i := repo.find(id)
		if i == nil {
			out.Failures = append(out.Failures, types.ImageFailure{ImageId: &id, FailureCode: types.ImageFailureCodeImageNotFound, FailureReason: new("Requested image not found")})
			continue
		}
		out.ImageIds = append(out.ImageIds, types.ImageIdentifier{ImageDigest: i.ImageDigest, ImageTag: id.ImageTag})
		i.ImageTags = slices.DeleteFunc(slices.Clone(i.ImageTags), func(t string) bool { return t == value(id.ImageTag) })
		if len(i.ImageTags) == 0 || id.ImageTag == nil {
			repo.images = slices.DeleteFunc(repo.images, func(o *image) bool { return o == i })
		}
	}
	return out, nil
}

func putLifecyclePolicy(c *call, in *ecr.PutLifecyclePolicyInput) (*ecr.PutLifecyclePolicyOutput, error) {
	repo, err := c.region.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(value(in.LifecyclePolicyText))) {
		return nil, wire.Errorf("InvalidParameterException", "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'")
	}
	repo.lifecycle = in.LifecyclePolicyText
	return &ecr.PutLifecyclePolicyOutput{RegistryId: new(Account), RepositoryName: repo.RepositoryName, LifecyclePolicyText: repo.lifecycle}, nil
}

func getLifecyclePolicy(c *call, in *ecr.GetLifecyclePolicyInput) (*ecr.GetLifecyclePolicyOutput, error) {
	repo, err := c.region.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if repo.lifecycle == nil {
		return nil, wire.Errorf("LifecyclePolicyNotFoundException", "Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", *repo.RepositoryName, Account)
	}
	return &ecr.GetLifecyclePolicyOutput{RegistryId: new(Account), RepositoryName: repo.RepositoryName, LifecyclePolicyText: repo.lifecycle, LastEvaluatedAt: new(c.now)}, nil
}

func (c *call) taggedRepository(arn *string) (*repository, error) {
	name, _ := strings.CutPrefix(value(arn), *c.region.arn("ecr", "repository/"))
	return c.region.repository(&name)
}

func tagRepository(c *call, in *ecr.TagResourceInput) (*ecr.TagResourceOutput, error) {
	repo, err := c.taggedRepository(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, tag := range in.Tags {
		repo.tags = append(slices.DeleteFunc(slices.Clone(repo.tags), func(o types.Tag) bool { return *o.Key == *tag.Key }), tag)
	}
	return &ecr.TagResourceOutput{}, nil
}

func untagRepository(c *call, in *ecr.UntagResourceInput) (*ecr.UntagResourceOutput, error) {
	repo, err := c.taggedRepository(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	repo.tags = slices.DeleteFunc(slices.Clone(repo.tags), func(o types.Tag) bool { return slices.Contains(in.TagKeys, *o.Key) })
	return &ecr.UntagResourceOutput{}, nil
}

func listRepositoryTags(c *call, in *ecr.ListTagsForResourceInput) (*ecr.ListTagsForResourceOutput, error) {
	repo, err := c.taggedRepository(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &ecr.ListTagsForResourceOutput{Tags: filled(repo.tags)}, nil
}
