import assert from "node:assert/strict";
import { makeRevokingAuthority } from "../../tests/support/revoking_authority.ts";
import { revocationListProblem } from "./certificate.ts";
import { revocationListFault } from "./revocation_list.ts";

const validity = { notBefore: new Date("2020-01-01"), notAfter: new Date("2120-01-01") };

function derOf(pem: string): Uint8Array {
  return Uint8Array.fromBase64(pem.replace(/-----[A-Z0-9 ]+-----|\s/g, ""));
}

Deno.test("lists with and without entries can be read", async () => {
  const authority = await makeRevokingAuthority("Ours", validity);
  const certificate = await authority.issue({ commonName: "eve" });
  for (const pem of [await authority.revoked(), await authority.revoked(certificate)]) {
    assert.equal(revocationListFault(derOf(pem)), undefined);
    assert.equal(revocationListProblem(pem), undefined);
    assert.equal(revocationListProblem(pem + pem), undefined);
  }
});

Deno.test("a list that is cut off, or has bytes too many, is told of", async () => {
  const authority = await makeRevokingAuthority("Ours", validity);
  const der = derOf(await authority.revoked(await authority.issue({ commonName: "eve" })));
  for (let length = 0; length < der.length; length++) {
    assert.notEqual(revocationListFault(der.subarray(0, length)), undefined, String(length));
  }
  assert.notEqual(revocationListFault(new Uint8Array([...der, 0])), undefined);
});

Deno.test("what is no list at all is told of", () => {
  for (
    const bytes of [[], [0x30, 0x00], [0x02, 0x01, 0x01], [0x30, 0x80], [0x30, 0x85, 1, 1, 1, 1, 1]]
  ) {
    assert.notEqual(revocationListFault(new Uint8Array(bytes)), undefined, String(bytes));
  }
  const block = (body: string) => `-----BEGIN X509 CRL-----\n${body}\n-----END X509 CRL-----\n`;
  assert.match(revocationListProblem(block(btoa("no list"))) ?? "", /^malformed CRL/);
  assert.match(revocationListProblem(block("AAAAA")) ?? "", /PEM/);
});

Deno.test("an empty list of extensions, which BoringSSL refuses, is told of", () => {
  const tlv = (tag: number, ...content: readonly number[]) => [tag, content.length, ...content];
  const algorithm = tlv(0x30, ...tlv(0x06, 0x2a));
  const time = tlv(0x17, ...[..."200101000000Z"].map((letter) => letter.charCodeAt(0)));
  const list = (extensions: readonly number[]) =>
    new Uint8Array(tlv(
      0x30,
      ...tlv(
        0x30,
        ...tlv(0x02, 1),
        ...algorithm,
        ...tlv(0x30),
        ...time,
        ...tlv(0x30, ...tlv(0x30, ...tlv(0x02, 7), ...time, ...extensions)),
      ),
      ...algorithm,
      ...tlv(0x03, 0),
    ));
  assert.equal(revocationListFault(list([])), undefined);
  assert.match(revocationListFault(list(tlv(0x30))) ?? "", /extensions is empty/);
});

Deno.test("extensions that BoringSSL reads with a list have to be what they say", async () => {
  const authority = await makeRevokingAuthority("Ours", validity);
  const hex = derOf(await authority.revoked()).toHex();
  const fault = (text: string) => revocationListFault(Uint8Array.fromHex(text));
  assert.equal(fault(hex), undefined);
  assert.match(fault(hex.replace(/0603551d23(04..)30/, "0603551d23$131")) ?? "", /identifier/);
  // The same bytes as the scope of a list, whose first part has another form.
  assert.match(fault(hex.replace("0603551d23", "0603551d1c")) ?? "", /scope of a list/);
  assert.equal(fault(hex.replace("0603551d23", "0603551d63")), undefined);
});
