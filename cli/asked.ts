/** Who runs this command, and when, for what stands on the record about it. */
import { userInfo } from 'node:os';
import type { Asked } from '../audit-store/index.ts';

/** @param by what the command line says; without it, the name of the operating system's user */
export function asked(by: string | undefined): Asked {
  return { by: by ?? userName(), at: Date.now() };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user often has a number and no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
