/** Tells that a file may have changed, however it was written: once its writer pauses, and at the latest a second on. */
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Editors and orchestrators write a file in several steps. */
const SETTLES_MS = 100;
/** A folder in which something goes on all the time must not put a change off for ever. */
const LATEST_MS = 1_000;
/** The link by which Kubernetes swaps all files of a ConfigMap at once; the files' own names stay as they are. */
const CONFIG_MAP_LINK = '..data';

export type FollowFile = {
  readonly onChange: () => void;
  /** From now on nothing is noticed any more. */
  readonly onError: (error: unknown) => void;
};

/** Returns the end of it. */
export function followFile(file: string, { onChange, onError }: FollowFile): () => void {
  const name = basename(file);
  let settling: NodeJS.Timeout | undefined;
  let latest: NodeJS.Timeout | undefined;
  const forget = (): void => {
    clearTimeout(settling);
    clearTimeout(latest);
    latest = undefined;
  };
  const tell = (): void => {
    forget();
    onChange();
  };
  // The folder, because a file that is replaced by renaming is another file.
  const watcher = watch(dirname(file), { persistent: false }, (_event, changed) => {
    // Some systems do not say which file it was.
    if (changed !== null && changed !== name && changed !== CONFIG_MAP_LINK) return;
    clearTimeout(settling);
    settling = setTimeout(tell, SETTLES_MS);
    latest ??= setTimeout(tell, LATEST_MS);
  });
  watcher.on('error', onError);
  return () => {
    forget();
    watcher.close();
  };
}
