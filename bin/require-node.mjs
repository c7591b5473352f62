/** Ends the process with one clear line where this Node cannot run the project. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 9)) return;
  console.error(
    `understudy needs Node 24.9 or newer; this is ${process.versions.node}. Use an npm script (npm start), which brings its own, or node_modules/.bin/node.`,
  );
  process.exit(1);
}
