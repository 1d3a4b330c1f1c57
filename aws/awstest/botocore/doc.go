// Package botocore holds requests to AWS and their answers against the service models that AWS publishes with its Python SDK.
//
// [Open] reads a service's model from a folder that has botocore's layout: SERVICE/VERSION/service-2.json.gz. [Model.Request],
// [Model.Answer] and [Model.Failure] read what went over the wire as the model says that it is written, and return what does not fit:
// members that the model does not know, required ones that are missing, types, lengths, ranges, patterns, enumerations, error codes and
// statuses. They follow nothing that the SDK for Go or the fake services do.
package botocore
