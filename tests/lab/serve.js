// Evaluates programs with what they are given, one a line; what they leave behind is cleared.
const lines = require("node:readline").createInterface({ input: process.stdin });
const own = new Set(Object.keys(globalThis));
lines.on("line", (line) => {
  const { program, given } = JSON.parse(line);
  let answer;
  globalThis.given = given;
  try {
    answer = { value: (0, eval)(program) };
  } catch (error) {
    answer = { error: error.stack };
  }
  for (const name of Object.keys(globalThis)) if (!own.has(name)) delete globalThis[name];
  console.log(JSON.stringify(answer));
});
