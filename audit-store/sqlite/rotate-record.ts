/** Puts a record aside that cannot be gone on with, and begins a new file where its sound part ends. */
import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { boundedText } from '../clean-text.ts';
import type { Asked, RotateResult, RotationFacts } from '../maintenance.ts';
import { chainEnd } from './chain-end.ts';
import { openWriter } from './open-writer.ts';
import { preparePrivateFile } from './record-file.ts';
import { lockRecord } from './record-lock.ts';
import { soundPart, type SoundPart } from './sound-part.ts';

const PATIENCE_MS = 5000;
const WORDS = 200;

/**
 * Only while no gateway has the record open. The old file is kept beside the new one, untouched; the new one goes on
 * counting behind everything that was ever written to the old, so that no number means two entries.
 */
export function rotateRecord(file: string, asked: Asked): RotateResult {
  const unlock = lockRecord(file);
  try {
    const moved = `${file}.${new Date(asked.at).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    if (existsSync(moved)) throw new Error(`there is a file ${moved} already`);
    const sound = soundPart(file);
    for (const end of ['', '-wal', '-shm']) {
      if (existsSync(file + end)) renameSync(file + end, moved + end);
    }
    begin(file, moved, sound, asked);
    const { last, counted, problem } = sound;
    return { moved, last, hash: sound.hash.toString('hex'), counted, problem };
  } finally {
    unlock();
  }
}

function begin(file: string, moved: string, sound: SoundPart, asked: Asked): void {
  preparePrivateFile(file);
  const connection = openWriter({ file, busyTimeoutMs: PATIENCE_MS, maxBytes: null });
  try {
    const { last, hash, highAt, counted, problem } = sound;
    const chain = chainEnd(connection, { instance: hostname(), run: randomUUID() });
    const insert = connection.prepare<[number, Buffer, number]>(
      "INSERT INTO stretches (first_seq, last_seq, hash, high_at, why) VALUES (1, ?, ?, ?, 'rotated')",
    );
    connection
      .transaction(() => {
        if (counted > 0) insert.run(counted, hash, highAt);
        const facts: RotationFacts = {
          file: boundedText(moved, WORDS),
          last,
          hash: hash.toString('hex'),
          counted,
          problem: problem === null ? null : boundedText(problem, WORDS),
          asked_by: boundedText(asked.by, WORDS),
        };
        chain.add(
          chain.head(),
          { kind: 'rotation', at: asked.at },
          (stamp) => ({ ...stamp, ...facts }),
          null,
        );
      })
      .immediate();
  } finally {
    connection.close();
  }
}
