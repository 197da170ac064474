/**
 * Making certificates: an authority in memory, and what it signs.
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
