/** Subjects, found and fetched through the market app's own customer routes. */
export type { Directory, DirectoryAnswer } from './directory.ts';
export { directorySchema, type DirectoryConfig } from './directory-schema.ts';
export { createDirectory } from './create-directory.ts';
