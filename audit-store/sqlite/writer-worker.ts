/** The thread that owns the writing connection; it alone waits for the disk. */
import { workerData } from 'node:worker_threads';
import { checkTail } from './check-tail.ts';
import { checkpointWriter } from './checkpoint-writer.ts';
import type { Connection } from './database.ts';
import { entryWriter } from './entry-writer.ts';
import { describeFailure, needsReopening } from './failure.ts';
import { noteWriter } from './note-writer.ts';
import { openWriter, probeWrite } from './open-writer.ts';
import { checkIdentity, type FileIdentity, fileIdentity, preparePrivateFile } from './record-file.ts';
import { lockRecord } from './record-lock.ts';
import { serve } from '../serve.ts';
import { unpackEntries, type WriterAnswer, type WriterRequest, writerSetup } from './writer-messages.ts';

type Open = {
  readonly connection: Connection;
  readonly entries: ReturnType<typeof entryWriter>;
  readonly notes: ReturnType<typeof noteWriter>;
  readonly checkpoints: ReturnType<typeof checkpointWriter>;
  readonly files: FileIdentity;
};

const setup = writerSetup.parse(workerData);

serve<WriterRequest, WriterAnswer>(() => {
  const unlock = lockRecord(setup.file);
  let current: Open | null = openOrUnlock();
  const first = current.files;

  function openOrUnlock(): Open {
    try {
      preparePrivateFile(setup.file);
      return open();
    } catch (error) {
      unlock();
      throw error;
    }
  }

  function open(): Open {
    const connection = openWriter(setup);
    try {
      // What a statement may have to take back is kept in memory: a file in the temporary folder costs as much as the log
      // itself, and is no place for pages of the record.
      connection.pragma('temp_store = MEMORY');
      checkTail(connection);
      const entries = entryWriter(connection, setup);
      return {
        connection,
        entries,
        notes: noteWriter(connection),
        checkpoints: checkpointWriter(connection),
        files: fileIdentity(setup.file),
      };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  function reopen(): Open {
    checkIdentity(setup.file, { main: first.main, log: null });
    return open();
  }

  function answer(to: Open, request: WriterRequest): WriterAnswer {
    switch (request.kind) {
      case 'write':
        return to.entries.write(unpackEntries(request.entries));
      case 'notes':
        to.notes(request.blocks);
        return [];
      case 'checkpoint':
        to.checkpoints(request.checkpoint);
        return [];
      case 'probe':
        if (request.write) probeWrite(to.connection);
        return [];
    }
  }

  return {
    handle(request) {
      current ??= reopen();
      checkIdentity(setup.file, current.files);
      try {
        const result = answer(current, request);
        // A commit counts only if it went into the file that everybody else will read.
        checkIdentity(setup.file, current.files);
        return result;
      } catch (error) {
        if (needsReopening(error)) {
          current.connection.close();
          current = null;
        }
        throw error;
      }
    },
    close() {
      current?.connection.close();
      unlock();
    },
  };
}, describeFailure);
