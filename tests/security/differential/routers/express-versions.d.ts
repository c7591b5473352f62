/** Both are installed under other names than the one that the types go by. */
declare module 'express4' {
  import express from 'express';
  export = express;
}
declare module 'express5' {
  import express from 'express';
  export = express;
}
