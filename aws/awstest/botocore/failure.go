package botocore

import (
	"net/http"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// commonCodes are errors that services answer with whatever the operation, which the models do not list: "Common Errors" in the API
// references.
var commonCodes = []string{
	"AccessDenied", "AccessDeniedException", "AuthorizationError", "InternalFailure", "InternalError", "InternalServiceError", "MissingAuthenticationTokenException", "NotImplemented", "PermanentRedirect",
	"SerializationException", "ServiceUnavailable", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException", "UnknownOperationException", "ValidationError", "ValidationException",
}

// storageCodes are S3's, whose model lists almost none: "Error responses" in its API reference.
var storageCodes = []string{
	"BadDigest", "BucketNotEmpty", "EntityTooSmall", "IllegalLocationConstraintException", "InvalidArgument", "InvalidBucketName", "InvalidPart", "InvalidPartOrder", "InvalidRange", "InvalidRequest", "KeyTooLongError",
	"MalformedPolicy", "MalformedXML", "MethodNotAllowed", "NoSuchBucket", "NoSuchBucketPolicy", "NoSuchCORSConfiguration", "NoSuchKey", "NoSuchLifecycleConfiguration", "NoSuchPublicAccessBlockConfiguration",
	"NoSuchTagSet", "NoSuchUpload", "NoSuchVersion", "OwnershipControlsNotFoundError", "PreconditionFailed", "ServerSideEncryptionConfigurationNotFoundError", "ConditionalRequestConflict",
}

// Failure returns what is wrong with an answer that is an error: a code that neither the operation has nor all services, a status that
// is not the error's.
func (m *Model) Failure(operation, code string, message Message) []string {
	o := m.Operations[operation]
	if o == nil || code == "" {
		return nil
	}
	c := &check{model: m, rest: message.Protocol == wire.REST}
	path := operation + " error " + code
	if message.Status < 300 {
		c.add(path, "the status is %d", message.Status)
	}
	for _, ref := range o.Errors {
		s := m.Shapes[ref.Shape]
		name := ref.Shape
		if message.Protocol == wire.Query && s.Error.Code != "" {
			name = s.Error.Code
		}
		if name != code {
			continue
		}
		if want := s.Error.HTTPStatusCode; want != 0 && want != message.Status && message.Protocol != wire.JSON10 && message.Protocol != wire.JSON11 {
			c.add(path, "the status is %d, not %d", message.Status, want)
		}
		if message.Protocol != wire.Query && message.Protocol != wire.RESTXML {
			c.errorMembers(path, s, message)
		}
		return c.problems
	}
	if !slices.Contains(commonCodes, code) && !(message.Protocol == wire.RESTXML && slices.Contains(storageCodes, code)) {
		c.add(path, "%s has no such error", operation)
	}
	return c.problems
}

// errorMembers holds an error's own members against its shape.
func (c *check) errorMembers(path string, s *Shape, message Message) {
	var tree map[string]any
	var err error
	form := asJSON
	if message.Protocol == wire.CBOR {
		tree, err = wire.ParseCBOR(message.Body)
		form = asCBOR
	} else {
		tree, err = wire.ParseJSON(message.Body)
	}
	if err != nil {
		c.add(path, "%v", err)
		return
	}
	for name := range tree {
		if name == "__type" || strings.EqualFold(name, "message") && s.Members[name] == nil {
			delete(tree, name) // clients take the message whatever its case
		}
	}
	required := s.Required
	s = &Shape{Type: "structure", Members: s.Members}
	for _, name := range required {
		if !strings.EqualFold(name, "message") {
			s.Required = append(s.Required, name)
		}
	}
	c.structure(path, s, tree, form)
}

// IsFailure tells an error's status.
func IsFailure(status int) bool {
	return status >= http.StatusMultipleChoices && status != http.StatusNotModified
}
