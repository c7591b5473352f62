/** A real router as an upstream: the same routes in each, telling which of its handlers ran. */
import type { Server } from 'node:http';
import type { RouteEntry } from '../routes.ts';

/** Told each time that a handler runs. */
export type Ran = (entry: RouteEntry) => void;

export type Router = { readonly name: string; readonly server: Server; close(): Promise<void> | void };
