// Evaluates expressions in the reference implementation of JSONata. Standard input is {expressions: [text], variables: {name: value}};
// standard output a list of {value}, {nothing: true} or {error: text}, in the same order. NODE_PATH names the folder of node_modules.
const jsonata = require('jsonata');

async function evaluate(expression, variables) {
  try {
    const value = await jsonata(expression).evaluate(undefined, variables);
    return value === undefined ? { nothing: true } : { value };
  } catch (failure) {
    return { error: String(failure.message) };
  }
}

async function main() {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  const { expressions, variables } = JSON.parse(text);
  const outcomes = [];
  for (const expression of expressions) outcomes.push(await evaluate(expression, variables));
  process.stdout.write(JSON.stringify(outcomes));
}

main();
