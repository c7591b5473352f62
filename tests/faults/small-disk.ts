/** A disk of its own for one test, to be filled or made read-only: needs root; null where that may not be. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type SmallDisk = {
  readonly folder: string;
  /** Takes the last byte. */
  fill(): void;
  /** Gives the room back. */
  makeRoom(): void;
  /** Works only while nobody has a file open for writing. */
  readOnly(yes: boolean): void;
  remove(): void;
};

const MEGABYTES = 12;

export function smallDisk(): SmallDisk | null {
  const place = mkdtempSync(join(tmpdir(), 'understudy-disk-'));
  const [image, folder] = [join(place, 'image'), join(place, 'disk')];
  mkdirSync(folder);
  const made =
    run('dd', 'if=/dev/zero', `of=${image}`, 'bs=1M', `count=${MEGABYTES}`) &&
    run('mkfs.ext4', '-q', '-m', '0', image) &&
    run('mount', '-o', 'loop', image, folder);
  if (!made) {
    rmSync(place, { recursive: true, force: true });
    return null;
  }
  const filler = join(folder, 'filler');
  return {
    folder,
    fill() {
      const file = openSync(filler, 'w');
      try {
        for (let size = 1024 * 1024; size >= 512; size /= 2) {
          const chunk = Buffer.alloc(size, 1);
          try {
            while (writeSync(file, chunk) === size);
          } catch {
            // The next smaller piece may still fit.
          }
        }
      } finally {
        closeSync(file);
      }
    },
    makeRoom: () => rmSync(filler, { force: true }),
    readOnly: (yes) => must('mount', '-o', `remount,${yes ? 'ro' : 'rw'}`, folder),
    remove() {
      must('umount', folder);
      rmSync(place, { recursive: true, force: true });
    },
  };
}

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function must(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
