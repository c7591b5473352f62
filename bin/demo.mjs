// `npm start`: the reference market with the gateway in front of it.
import { useCompileCache } from './compile-cache.mjs';
import { requireNode } from './require-node.mjs';

requireNode();
useCompileCache();
const { demo } = await import('../fixtures/demo.ts');
await demo();
