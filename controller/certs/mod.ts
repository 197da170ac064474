/**
 * Certificates: an authority in memory, what it signs, the Secrets they are kept in, and files that
 * are used for TLS.
 * @module
 */

export {
  type Authority,
  type AuthorityRequest,
  type IssuedCertificate,
  type KeyAlgorithm,
  type LeafRequest,
  makeAuthority,
  type Validity,
  validityAround,
} from "./authority.ts";
export {
  type CertgenRequest,
  defaultLifetimeDays,
  generateCertificates,
  pemFiles,
  type XdsCertificates,
} from "./certgen.ts";
export {
  applySecrets,
  secretFiles,
  type SecretManifest,
  type SecretOutcome,
  type SecretsApi,
  type SecretsFormat,
  secretsFormats,
  type SecretsRequest,
  xdsSecrets,
} from "./secrets.ts";
export {
  type FollowOptions,
  followTlsFiles,
  type TlsFilePaths,
  type TlsFilesEvent,
  type TlsMaterial,
} from "./tls_files.ts";
