// Runs state machines in the interpreter aws-local-stepfunctions. Standard input is a JSON list of {name, definition, input, tasks} as in
// aws/workflow/asl/testdata/cases.json; standard output a list of {output} or {error, cause}, in the same order. Waits take no time.
// NODE_PATH names the folder of node_modules that the interpreter lies in.
const { StateMachine } = require('aws-local-stepfunctions');

// states yields each state of a machine by its name, those within others too.
function* states(machine) {
  for (const [name, state] of Object.entries(machine.States)) {
    yield [name, state];
    for (const inner of [...(state.Branches ?? []), state.Iterator, state.ItemProcessor]) {
      if (inner) yield* states(inner);
    }
  }
}

// handler does what a Task names: the function's scripted answers, the last of which repeats; without any it gives back what it gets.
function handler(state, tasks, calls) {
  return async (input) => {
    const integration = state.Resource.endsWith(':lambda:invoke');
    const resource = integration ? input.FunctionName : state.Resource;
    const name = resource.slice(resource.lastIndexOf(':') + 1);
    const answers = tasks[name] ?? [];
    let payload = integration ? input.Payload : input;
    if (answers.length > 0) {
      const call = calls[name] ?? 0;
      calls[name] = call + 1;
      payload = answers[Math.min(call, answers.length - 1)];
      if (payload?.error) {
        const failure = new Error(payload.cause ?? '');
        failure.name = payload.error;
        throw failure;
      }
    }
    return integration ? { ExecutedVersion: '$LATEST', Payload: payload, StatusCode: 200 } : payload;
  };
}

async function run({ definition, input, tasks }) {
  const calls = {}, taskResourceLocalHandlers = {}, waitTimeOverrides = {}, retryIntervalOverrides = {};
  for (const [name, state] of states(definition)) {
    if (state.Type === 'Task') taskResourceLocalHandlers[name] = handler(state, tasks, calls);
    if (state.Type === 'Wait') waitTimeOverrides[name] = 0;
    if (state.Retry) retryIntervalOverrides[name] = 0;
  }
  try {
    const machine = new StateMachine(definition, { validationOptions: { checkArn: false } });
    const execution = machine.run(input, { overrides: { taskResourceLocalHandlers, waitTimeOverrides, retryIntervalOverrides } });
    const ended = execution.result.then((output) => ({ output }), (failure) => ({ error: failure.name, cause: failure.message }));
    for await (const event of execution.eventLogs) {
      // The error that the promise has is the interpreter's; the state machine's stands in the event.
      if (event.type === 'ExecutionFailed') return { error: event.Error ?? '', cause: event.Cause ?? '' };
    }
    return await ended;
  } catch (failure) {
    return { error: 'refused', cause: String(failure.message) };
  }
}

async function main() {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  const outcomes = [];
  for (const test of JSON.parse(text)) outcomes.push(await run(test));
  process.stdout.write(JSON.stringify(outcomes));
}

main();
