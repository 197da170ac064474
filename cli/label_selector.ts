/**
 * Which labels a selector of kubectl asks for: `app=shop,tier in (a, b),!legacy`. Throws a
 * `RangeError` that says what is wrong with it.
 * See https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tests = parts(text).map(parseRequirement);
  return (labels) => tests.every((test) => test(labels));
}

/** Whether labels are those asked for. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/** Between commas, but for those in parentheses. */
function parts(text: string): readonly string[] {
  const found = text.match(/(?:[^,(]|\([^)]*\))+/g) ?? [];
  if (found.length > 0) return found.map((part) => part.trim());
  throw new RangeError("A label selector is needed, such as app=shop");
}

function parseRequirement(text: string): LabelSelector {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text) ??
    /^(\S+)\s+(in|notin)\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = new Set(list.split(",").map((value) => value.trim()));
    checkKey(key, text);
    return operator === "in"
      ? (labels) => Object.hasOwn(labels, key) && values.has(labels[key] ?? "")
      : (labels) => !Object.hasOwn(labels, key) || !values.has(labels[key] ?? "");
  }
  const pair = /^([^=!\s]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(text);
  if (pair !== null) {
    const [, key = "", operator, value = ""] = pair;
    checkKey(key, text);
    return operator === "!="
      ? (labels) => labels[key] !== value
      : (labels) => Object.hasOwn(labels, key) && labels[key] === value;
  }
  const isDenied = text.startsWith("!");
  const key = isDenied ? text.slice(1).trim() : text;
  checkKey(key, text);
  return (labels) => Object.hasOwn(labels, key) !== isDenied;
}

function checkKey(key: string, text: string): void {
  if (/^([a-z0-9.-]+\/)?[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(key)) return;
  throw new RangeError(`"${text}" is no part of a label selector: app=shop and tier in (a,b) are`);
}
