/** What the servers take from the rest of the tree. */
export {
  followTlsFiles,
  type TlsFilePaths,
  type TlsFilesEvent,
} from "../../../controller/certs/mod.ts";
