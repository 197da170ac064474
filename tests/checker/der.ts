/** Bytes of DER with one thing changed about them, most of it where a reader looks. */
import type { Random } from "../support/world/random.ts";

/** The same bytes with one change. */
export function mutatedDer(der: Uint8Array, random: Random): Uint8Array {
  return random.chance(0.4) ? changedBytes(der, random) : changedElement(der, random);
}

function changedBytes(der: Uint8Array, random: Random): Uint8Array {
  const at = random.below(der.length);
  const before = der.subarray(0, at);
  const after = der.subarray(at + 1);
  const byte = der[at] ?? 0;
  return random.of([
    () => joined(before, [byte ^ (1 << random.below(8))], after),
    () => joined(before, [random.below(256)], after),
    () => joined(before, after),
    () => joined(before, [byte, random.below(256)], after),
    () => der.subarray(0, at),
    () => joined(der, der.subarray(0, at)),
  ])();
}

/** An element with what is around it written anew, so that lengths fit. */
function changedElement(der: Uint8Array, random: Random): Uint8Array {
  const paths: (readonly number[])[] = [];
  const roots = read(der);
  const walk = (nodes: readonly Node[], path: readonly number[]) => {
    for (const [i, { children }] of nodes.entries()) {
      paths.push([...path, i]);
      walk(children ?? [], [...path, i]);
    }
  };
  walk(roots, []);
  return written(changed(roots, random.of(paths), random));
}

interface Node {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Of what is made of others. */
  readonly children?: readonly Node[];
}

function changed(nodes: readonly Node[], path: readonly number[], random: Random): readonly Node[] {
  const [at = 0, ...below] = path;
  return nodes.flatMap((node, i) => {
    if (i !== at) return [node];
    if (below.length > 0) return [made(node.tag, changed(node.children ?? [], below, random))];
    return changes(node, nodes, random);
  });
}

function changes(node: Node, siblings: readonly Node[], random: Random): readonly Node[] {
  const { tag, content } = node;
  const bytes = (...values: readonly number[]) => ({ tag, content: new Uint8Array(values) });
  const at = random.below(content.length + 1);
  return random.of<() => readonly Node[]>([
    () => [],
    () => [node, node],
    () => [random.of(siblings)],
    () => [node, random.of(siblings)],
    () => [{ ...node, tag: random.of(tags) }],
    () => [{ ...node, tag: tag ^ (1 << random.below(8)) }],
    () => [bytes()],
    () => [bytes(0)],
    () => [bytes(random.below(256))],
    () => [bytes(random.below(256), ...content)],
    () => [bytes(...content, random.below(256))],
    () => [bytes(...content.subarray(0, at))],
    () => [bytes(...content.subarray(0, at), random.below(256), ...content.subarray(at + 1))],
    () => [bytes(...new Uint8Array(random.of([127, 128, 255, 256, 70_000])).fill(0x41))],
    () => [bytes(...new TextEncoder().encode(random.of(texts)))],
    () => [made(random.of(tags), [node])],
    () => [made(tag, [...node.children ?? []].reverse())],
  ])();
}

const tags = [
  ...[0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a],
  ...[0x1b, 0x1c, 0x1e, 0x1f, 0x30, 0x31, 0x80, 0x81, 0x82, 0xa0, 0xa1, 0xa2, 0xa3, 0x3f, 0x00],
];

const texts = [
  ...["200230000000Z", "200101000060Z", "2001010000Z", "200101000000+0100", "20200101000000Z"],
  ...["20200101000000.5Z", "990101000000Z", "500101000000Z", "99991231235959Z", "00000101000000Z"],
  ...["200431000000Z", "210229000000Z", "200229000000Z", "20200101240000Z", "é", "\0", "a\0b", ""],
];

function read(bytes: Uint8Array): readonly Node[] {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++] ?? 0;
    let length = bytes[at++] ?? 0;
    if (length >= 0x80) {
      let left = length & 0x7f;
      for (length = 0; left > 0; left--) length = length * 256 + (bytes[at++] ?? 0);
    }
    const content = bytes.subarray(at, at + length);
    at += length;
    nodes.push({ tag, content, ...((tag & 0x20) === 0 ? {} : { children: read(content) }) });
  }
  return nodes;
}

function made(tag: number, children: readonly Node[]): Node {
  return { tag, content: written(children), children };
}

function written(nodes: readonly Node[]): Uint8Array {
  return joined(...nodes.map(({ tag, content }) => joined([tag], lengthOf(content), content)));
}

function lengthOf({ length }: Uint8Array): readonly number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  if (length < 0x1_0000) return [0x82, length >> 8, length & 0xff];
  return [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}

function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
