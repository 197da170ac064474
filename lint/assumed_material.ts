/**
 * What an assumed Secret holds: enough for everything a Secret is used for. The private key is the
 * number 1, so there is nothing to keep secret; the certificate is valid from 1970 to 9999.
 */
export function assumedSecretData(keys: Iterable<string>): Readonly<Record<string, string>> {
  return {
    "tls.crt": btoa(pem("CERTIFICATE", certificate)),
    "tls.key": btoa(pem("PRIVATE KEY", keyOfOne)),
    "ca.crt": btoa(pem("CERTIFICATE", certificate)),
    "crl.pem": btoa(pem("X509 CRL", emptyRevocationList)),
    ...Object.fromEntries([...keys].map((key) => [key, btoa(JSON.stringify(keySet))])),
  };
}

/** In lines of 64 characters, which is all that strict readers take. */
function pem(type: string, base64: string): string {
  const lines = base64.replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${type}-----\n${lines}\n-----END ${type}-----\n`;
}

/** P-256 with the private key 1, whose public key is the generator of the curve. */
const keyOfOne =
  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGhRANCAARrF9Hy4SxCR/i85uVjpEDydwN9gS3rM6D0oTlF2JjClk/jQuL+Gn+bjufrSnwPnhYrzjNXazFezsu2QGg3v1H1";

const certificate =
  "MIIBJDCBy6ADAgECAgEBMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMTB2Fzc3VtZWQwIBcNNzAwMTAxMDAwMDAwWhgPOTk5OTEyMzEyMzU5NTlaMBIxEDAOBgNVBAMTB2Fzc3VtZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARrF9Hy4SxCR/i85uVjpEDydwN9gS3rM6D0oTlF2JjClk/jQuL+Gn+bjufrSnwPnhYrzjNXazFezsu2QGg3v1H1oxAwDjAMBgNVHRMEBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIFNs9gmsoensN6dvHLwX2Ub2SWKM9uKa7zcpP5SvnGmgAiEArPjMCtcoKW2I2PGeKCVcEP+JPkmaYr7RfU/7hGUeT34=";

const emptyRevocationList =
  "MIGbMEMCAQEwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAxMHYXNzdW1lZBcNNzAwMTAxMDAwMDAwWhgPOTk5OTEyMzEyMzU5NTlaMAoGCCqGSM49BAMCA0gAMEUCIQClI7Ql28iu6fSkiUO8nI122Tdpudq8SeT2jL98YBupjgIgP1bHqCw/Ucaj6t4Mf3Fz9Mkmm8T9GRs4ebuPqaOA6Os=";

const keySet = {
  keys: [{
    kty: "EC",
    crv: "P-256",
    x: "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
    y: "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
  }],
};
