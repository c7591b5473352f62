// `npm start`: the reference market with the gateway in front of it.
import { requireNode } from './require-node.mjs';

requireNode();
await import('../fixtures/demo.ts');
