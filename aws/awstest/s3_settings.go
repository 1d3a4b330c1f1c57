package awstest

import (
	"encoding/xml"
	"io"
	"net/http"
	"strings"
)

// defaultSettings are a new bucket's: since 2023 it is encrypted, closed to the public and without access lists.
func defaultSettings() map[string][]byte {
	return map[string][]byte{
		"encryption":        []byte(`<ServerSideEncryptionConfiguration xmlns="` + s3Namespace + `"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`),
		"publicAccessBlock": []byte(`<PublicAccessBlockConfiguration xmlns="` + s3Namespace + `"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`),
		"ownershipControls": []byte(`<OwnershipControls xmlns="` + s3Namespace + `"><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`),
		"versioning":        []byte(`<VersioningConfiguration xmlns="` + s3Namespace + `"/>`),
		"notification":      []byte(`<NotificationConfiguration xmlns="` + s3Namespace + `"/>`),
	}
}

// notSet are the errors for what is not set and has no default.
var notSet = map[string][2]string{
	"policy":            {"NoSuchBucketPolicy", "The bucket policy does not exist"},
	"encryption":        {"ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found"},
	"publicAccessBlock": {"NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"},
	"lifecycle":         {"NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"},
	"tagging":           {"NoSuchTagSet", "The TagSet does not exist"},
	"ownershipControls": {"OwnershipControlsNotFoundError", "The bucket ownership controls were not found"},
	"cors":              {"NoSuchCORSConfiguration", "The CORS configuration does not exist"},
}

func getSetting(c *s3Call) (any, error) {
	name := c.subresource()
	text, ok := c.bucket.settings[name]
	if !ok {
		return nil, s3Error(http.StatusNotFound, notSet[name][0], notSet[name][1])
	}
	if name == "policy" {
		c.header.Set("Content-Type", "application/json")
	}
	return &raw{body: text}, nil
}

func putSetting(c *s3Call) (any, error) {
	name := c.subresource()
	if err := c.integrity(); err != nil {
		return nil, err
	}
	if name == "policy" {
		if err := c.checkBucketPolicy(); err != nil {
			return nil, err
		}
	} else if err := wellFormed(c.body); err != nil {
		return nil, s3Error(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	if name == "lifecycle" {
		if err := c.checkLifecycle(); err != nil {
			return nil, err
		}
	}
	c.bucket.settings[name] = c.body
	if name == "policy" || name == "tagging" {
		return nothing(http.StatusNoContent)
	}
	return nothing(http.StatusOK)
}

func deleteSetting(c *s3Call) (any, error) {
	name := c.subresource()
	delete(c.bucket.settings, name)
	if name == "encryption" { // back to what every bucket has
		c.bucket.settings[name] = defaultSettings()[name]
	}
	return nothing(http.StatusNoContent)
}

// checkBucketPolicy refuses a policy that is malformed, or is about another bucket, or is public where the public is blocked.
func (c *s3Call) checkBucketPolicy() error {
	p, err := parsePolicy(string(c.body), true, true)
	if err != nil {
		return s3Error(400, "MalformedPolicy", err.Error())
	}
	for _, s := range p.Statement {
		for _, resource := range s.Resource {
			arn := "arn:aws:s3:::" + c.bucket.name
			if resource != arn && !strings.HasPrefix(resource, arn+"/") {
				return s3Error(400, "MalformedPolicy", "Policy has invalid resource "+resource)
			}
		}
		public := s.Effect == "Allow" && len(s.Condition) == 0 && anyLike(s.Principal["AWS"], "*", false)
		if public && strings.Contains(string(c.bucket.settings["publicAccessBlock"]), "<BlockPublicPolicy>true") {
			return s3Error(http.StatusForbidden, "AccessDenied", "public policies are blocked by the BlockPublicPolicy block public access setting")
		}
	}
	return nil
}

func (c *s3Call) checkLifecycle() error {
	var in struct {
		Rule []struct {
			ID, Status string
			Expiration struct{ Days, Date string }
			Filter     *struct{ Prefix string }
			Prefix     *string
		}
	}
	if err := c.readXML(&in); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, rule := range in.Rule {
		if rule.Status != "Enabled" && rule.Status != "Disabled" || rule.Filter == nil && rule.Prefix == nil {
			return s3Error(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
		}
		if rule.ID != "" && seen[rule.ID] {
			return s3Error(400, "InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		}
		seen[rule.ID] = true
	}
	return nil
}

func wellFormed(document []byte) error {
	decoder := xml.NewDecoder(strings.NewReader(string(document)))
	for elements := 0; ; elements++ {
		_, err := decoder.Token()
		if err == io.EOF && elements > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
