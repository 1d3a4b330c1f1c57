package aws

import (
	"errors"
	"fmt"
	"net/http"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// translate turns an error of the SDK's sagemakerruntime into an [*EndpointError]. The message keeps what the service said and leaves
// out what the SDK puts around it.
func translate(endpoint string, err error) *EndpointError {
	e := &EndpointError{Endpoint: endpoint, Code: codeUnavailable, Err: err}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		e.Status = response.HTTPStatusCode()
	}
	if errors.Is(err, errTooMuch) {
		e.Code, e.Err = codeAnswer, errTooMuch
		return e
	}
	if broken, ok := errors.AsType[*types.ModelError](err); ok {
		e.Type = broken.ErrorCode()
		e.Status = int(awssdk.ToInt32(broken.OriginalStatusCode))
		e.Code = codeFailed
		switch status := e.Status; {
		case status == http.StatusRequestEntityTooLarge:
			e.Code = codeTooLarge
		case passing(status):
			e.Code = codeUnavailable
		case status >= 400 && status < 500:
			e.Code = codeRefused
		}
		said := awssdk.ToString(broken.OriginalMessage)
		if said == "" {
			said = awssdk.ToString(broken.Message)
		}
		e.Err = fmt.Errorf("the container answered %d: %s", e.Status, brief(said))
		return e
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return e
	}
	e.Type = api.ErrorCode()
	e.Err = fmt.Errorf("%s: %s", api.ErrorCode(), brief(api.ErrorMessage()))
	switch {
	case retryable(err):
	case e.Status == http.StatusRequestEntityTooLarge:
		e.Code = codeTooLarge
	case e.Type == "ValidationError", e.Type == "ValidationException":
		e.Code, e.hint = codeDenied, "is the endpoint's name right, and the region? aws sagemaker list-endpoints shows what there is"
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		e.Code, e.hint = codeDenied, "the caller needs sagemaker:InvokeEndpoint on the endpoint"
	case e.Status >= 400 && e.Status < 500:
		e.Code = codeDenied
	default:
		e.Code = codeFailed
	}
	return e
}

// brief is the beginning of what a service said, without control characters.
func brief(text string) string {
	const most = 300
	runes := []rune(text)
	cut := len(runes) > most
	runes = runes[:min(len(runes), most)]
	for i, r := range runes {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			runes[i] = ' '
		}
	}
	if cut {
		return string(runes) + "…"
	}
	return string(runes)
}
