/** Puts together what comes in pieces, at the cost of its bytes: a list of single bytes is a hundred times as large. */

export type Gathered = {
  /** The piece may be kept, and is not to be written to. */
  add(piece: Buffer): void;
  bytes(): Buffer;
};

const LEAST = 4_096;

export function gather(): Gathered {
  let room: Buffer = Buffer.alloc(0);
  let size = 0;
  return {
    add(piece) {
      if (size === 0) {
        // Most come in one.
        room = piece;
      } else {
        if (size + piece.length > room.length) {
          const more = Buffer.allocUnsafe(Math.max(2 * room.length, size + piece.length, LEAST));
          room.copy(more, 0, 0, size);
          room = more;
        }
        piece.copy(room, size);
      }
      size += piece.length;
    },
    bytes: () => room.subarray(0, size),
  };
}
