/**
 * The story: behind a request that the app was slow to answer, a client sent junk, piece by piece, for minutes. Each piece
 * was noted for when the answer would be over, and the notes filled the memory.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startLenientSystem } from './lenient-system.ts';

test('junk behind a request is noted once, however many pieces it comes in', async () => {
  const lenient = await startLenientSystem();
  onTestFinished(() => lenient.close());
  let answer = (): void => undefined;
  lenient.upstream.behave((_, response) => {
    answer = () => void response.end('late');
    return true;
  });
  const warned: string[] = [];
  const listen = (warning: Error): void => void warned.push(warning.name);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));

  const { host, port } = new URL(lenient.system.url);
  const socket = connect(Number(port), '127.0.0.1');
  let said = '';
  socket.on('data', (text) => (said += String(text))).on('error', () => undefined);
  socket.write(`GET /market HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await sleep(200);
  for (let piece = 0; piece < 40; piece += 1) {
    socket.write('\0junk');
    await sleep(5);
  }
  answer();
  await expect.poll(() => said).toContain('late');
  expect(warned).toEqual([]);
});
