// Package awstest is AWS in a test's own process: as much of it as this project uses, and strict where others of its kind are lax.
//
// [New] starts it on 127.0.0.1. Clients of every kind find it through the environment ([Server.Env], [Server.Setenv]): production code,
// the command in a script, boto3. It takes requests by what they are signed for, in the protocols that the services speak.
//
//	cloud := awstest.New(t, awstest.Options{})
//	cloud.Setenv(t)
//	...
//	cloud.Inject(awstest.Fault{Call: 3, Effect: awstest.CutAfter})
//
// What takes time on AWS takes time here, by a clock that moves with each call ([Options].Tick) and by [Server.Advance], never by itself. What AWS refuses is
// refused: names that exist, roles that a service may not assume, that their policies do not allow what is done in their name, deletion of what is in use. What
// AWS shows late can be shown late ([Options].Lag), lists come in pages ([Options].PageSize).
//
// Every request and every answer is held against botocore's models of the services where SCONES_TEST_BOTOCORE names their folder; a test
// in which one does not fit fails. See the package botocore.
//
// Sources: the API references of the services, botocore's models of them, and the developer guides of SageMaker, IAM and S3.
package awstest
