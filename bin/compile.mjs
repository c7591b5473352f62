// npm's `postinstall`: compiles what `npm start` runs, so that the first start is as quick as any other.
import { useCompileCache } from './compile-cache.mjs';
import { requireNode } from './require-node.mjs';

requireNode();
useCompileCache();
await import('../fixtures/demo.ts');
