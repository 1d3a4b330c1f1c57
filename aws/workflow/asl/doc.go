// Package asl reads and runs state machines in the Amazon States Language, in JSONPath and in JSONata: the file that Step Functions runs in
// the cloud is the one that runs here.
//
// [Parse] reads a definition, [Machine.Check] says everything in it that would not run, before anything does, and [Machine.Run]
// executes it. What a Task does is the caller's ([Options].Task); so are the objects that a Distributed Map reads ([Options].Objects).
//
//	machine, err := asl.Parse(definition)
//	...
//	execution, err := machine.Run(ctx, input, asl.Options{Task: invoke})
//
// An [Execution] holds its output or its error, and its history in the format of Step Functions' GetExecutionHistory.
//
// All state types run: Task, Pass, Choice, Wait, Succeed, Fail, Parallel, and Map, inline and distributed; Retry with back-off and
// jitter, Catch, InputPath, Parameters, ItemSelector, ResultSelector, ResultPath, OutputPath, the intrinsic functions and the context
// object; Arguments, Output, Items and Condition with as much of JSONata as package jsonata interprets; variables (Assign). Activities,
// callbacks (.waitForTaskToken) and nested jobs (.sync) do not, nor does the rest of JSONata: they are refused by name.
//
// Sources: the specification at states-language.net, and the Step Functions developer guide for what the service adds to it: quotas,
// error names and the Distributed Map.
package asl
