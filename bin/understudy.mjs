#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old says so in one line instead of failing on the first type.
import { requireNode } from './require-node.mjs';

requireNode();
await import('../cli/main.ts');
