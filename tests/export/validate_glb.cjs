// node validate_glb.cjs FOLDER_OF_NODE_MODULES FILE.glb  prints the Khronos validator's report as JSON.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');

const [modules, file] = process.argv.slice(2);
const validator = createRequire(modules + '/')('gltf-validator');
validator
  .validateBytes(new Uint8Array(readFileSync(file)), { maxIssues: 50 })
  .then((report) => process.stdout.write(JSON.stringify(report)));
