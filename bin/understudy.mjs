#!/usr/bin/env -S node --max-semi-space-size=32
// The flag gives short-lived objects, which is all that a request leaves behind, room to die before anyone copies them.
// Plain JavaScript, so that a Node that is too old says so in one line instead of failing on the first type.
import { useCompileCache } from './compile-cache.mjs';
import { requireNode } from './require-node.mjs';

requireNode();
useCompileCache();
await import('../cli/main.ts');
