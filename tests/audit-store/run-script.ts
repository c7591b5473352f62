/** Starts one of the scripts beside this file as a process of its own; it is gone at the latest when the test is. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export type Script = {
  readonly process: ChildProcessWithoutNullStreams;
  /** All it has written so far. */
  output(): string;
  /** Resolves once its output contains the text. */
  said(text: string): Promise<void>;
  /** Resolves once it has written so many lines. */
  wrote(lines: number): Promise<void>;
  /** Resolves once it is gone. */
  ended(): Promise<void>;
};

export function runScript(name: string, ...args: string[]): Script {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = once(child, 'close');
  async function until(happened: () => boolean): Promise<void> {
    while (!happened()) {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${errors}`);
      await Promise.race([once(child.stdout, 'data'), closed]);
    }
  }

  return {
    process: child,
    output: () => output,
    said: (text) => until(() => output.includes(text)),
    wrote: (lines) => until(() => output.split('\n').length > lines),
    async ended() {
      await closed;
    },
  };
}
