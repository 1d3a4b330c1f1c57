package botocore_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/aws/awstest/botocore"
	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// A case is something on the wire and what the model says of it.
type testCase struct {
	name, service, operation string
	protocol                 wire.Protocol
	request                  bool
	code                     string // of an error
	method, url              string
	header                   http.Header
	status                   int
	body                     string
	want                     []string
}

func target(operation string) http.Header {
	return http.Header{"X-Amz-Target": {"SageMaker." + operation}}
}

var cases = []testCase{
	{name: "good", service: "sagemaker", operation: "CreateEndpoint", protocol: wire.JSON11, request: true, header: target("CreateEndpoint"), body: `{"EndpointName":"a","EndpointConfigName":"b"}`},
	{name: "unknown member", service: "sagemaker", operation: "CreateEndpoint", protocol: wire.JSON11, request: true, header: target("CreateEndpoint"), body: `{"EndpointName":"a","EndpointConfigName":"b","Colour":1}`,
		want: []string{"CreateEndpoint: the model knows no member Colour"}},
	{name: "missing, too long", service: "sagemaker", operation: "CreateEndpoint", protocol: wire.JSON11, request: true, header: target("CreateEndpoint"), body: `{"EndpointName":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}`,
		want: []string{"CreateEndpoint.EndpointName: 69 characters, at most 63 are allowed", `CreateEndpoint.EndpointName: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" does not match [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`,
			"CreateEndpoint: EndpointConfigName is required and missing"}},
	{name: "type, pattern", service: "sagemaker", operation: "CreateEndpoint", protocol: wire.JSON11, request: true, header: target("CreateEndpoint"), body: `{"EndpointName":1,"EndpointConfigName":"b_"}`,
		want: []string{"CreateEndpoint.EndpointName: json.Number is no string", `CreateEndpoint.EndpointConfigName: "b_" does not match [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`}},
	{name: "target", service: "sagemaker", operation: "DescribeModel", protocol: wire.JSON11, request: true, header: target("DescribeModels"), body: `{"ModelName":"a"}`,
		want: []string{`DescribeModel: X-Amz-Target is "SageMaker.DescribeModels", not "SageMaker.DescribeModel"`}},
	{name: "enumeration, range", service: "sagemaker", operation: "ListModels", protocol: wire.JSON11, request: true, header: target("ListModels"), body: `{"SortOrder":"Up","MaxResults":1000}`,
		want: []string{`ListModels.SortOrder: "Up" is none of [Ascending Descending]`, "ListModels.MaxResults: 1000 is out of range"}},
	{name: "answer's time as text", service: "sagemaker", operation: "ListModels", protocol: wire.JSON11, status: 200, body: `{"Models":[{"ModelName":"a","ModelArn":"arn:aws:sagemaker:us-east-1:123456789012:model/a","CreationTime":"2026-01-01T00:00:00Z"}]}`,
		want: []string{"ListModels answer.Models[0].CreationTime: 2026-01-01T00:00:00Z is no time of the form unixTimestamp"}},
	{name: "form", service: "iam", operation: "TagRole", protocol: wire.Query, request: true, body: "Action=TagRole&Version=2010-05-08&RoleName=a&Tags.1.Key=k&Tags.1.Value=v",
		want: []string{"TagRole.Tags: is no list of member", "TagRole: Tags is required and missing"}},
	{name: "form with a gap", service: "iam", operation: "TagRole", protocol: wire.Query, request: true, body: "Action=TagRole&RoleName=a&Tags.member.2.Key=k&Tags.member.2.Value=v",
		want: []string{"TagRole.Tags: 2 is no number of an item, from 1 without gaps", "TagRole.Tags[0]: is null"}},
	{name: "wrapper", service: "iam", operation: "GetRole", protocol: wire.Query, status: 200, body: `<GetRoleResponse><Role/></GetRoleResponse>`,
		want: []string{"GetRole answer: is not GetRoleResponse with GetRoleResult and ResponseMetadata"}},
	{name: "unknown element", service: "iam", operation: "DeleteRole", protocol: wire.Query, request: true, body: "Action=DeleteRole&RoleName=a&Force=true", want: []string{"DeleteRole: the model knows no member Force"}},
	{name: "path and query", service: "lambda", operation: "GetAlias", protocol: wire.REST, request: true, method: "GET", url: "/2015-03-31/functions/f/aliases?Extra=1",
		want: []string{"GetAliasRequest: the path lacks Name", "GetAliasRequest: the query has Extra, which the model does not know"}},
	{name: "status", service: "lambda", operation: "CreateFunction", protocol: wire.REST, status: 200, body: `{}`, want: []string{"CreateFunction answer: the status is 200, not 201"}},
	{name: "document", service: "s3", operation: "PutBucketVersioning", protocol: wire.RESTXML, request: true, method: "PUT", url: "/bucket?versioning", body: `<VersioningConfiguration><Status>On</Status></VersioningConfiguration>`,
		want: []string{`PutBucketVersioningRequest.VersioningConfiguration.Status: "On" is none of [Enabled Suspended]`}},
	{name: "answer's element", service: "s3", operation: "ListObjectsV2", protocol: wire.RESTXML, status: 200, body: `<ListBucketResult><Content><Key>a</Key></Content></ListBucketResult>`,
		want: []string{"ListObjectsV2 answer: the model knows no member Content"}},
	{name: "CBOR", service: "cloudwatch", operation: "PutMetricData", protocol: wire.CBOR, request: true, body: string(wire.WriteCBOR(map[string]any{"Namespace": ":"})),
		want: []string{`PutMetricData.Namespace: ":" does not match [^:].*`}},
	{name: "CBOR's header", service: "cloudwatch", operation: "DescribeAlarms", protocol: wire.CBOR, status: 200, body: string(wire.WriteCBOR(map[string]any{})), want: []string{"DescribeAlarms answer: Smithy-Protocol is missing"}},
	{name: "error that the operation has not", service: "iam", operation: "GetRole", protocol: wire.Query, code: "EntityAlreadyExists", status: 409, want: []string{"GetRole error EntityAlreadyExists: GetRole has no such error"}},
	{name: "error's status", service: "iam", operation: "GetRole", protocol: wire.Query, code: "NoSuchEntity", status: 400, want: []string{"GetRole error NoSuchEntity: the status is 400, not 404"}},
	{name: "good error", service: "iam", operation: "GetRole", protocol: wire.Query, code: "NoSuchEntity", status: 404},
	{name: "no such operation", service: "iam", operation: "MakeRole", protocol: wire.Query, request: true, want: []string{"the model knows no operation MakeRole"}},
}

func TestModel(t *testing.T) {
	folder := awstest.Models(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := botocore.Open(folder, c.service)
			if err != nil {
				t.Fatal(err)
			}
			address, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			message := botocore.Message{Protocol: c.protocol, Method: c.method, URL: address, Header: c.header, Status: c.status, Body: []byte(c.body)}
			var got []string
			switch {
			case c.request:
				got = m.Request(c.operation, message)
			case c.code != "":
				got = m.Failure(c.operation, c.code, message)
			default:
				got = m.Answer(c.operation, message)
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
