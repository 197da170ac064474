/** What a status says, without what is the same in all of them. */
export interface Answer {
  /** Of an HTTPProxy; of others there is none. */
  readonly is?: string;
  readonly errors?: readonly Entry[];
  readonly warnings?: readonly Entry[];
  readonly addresses?: readonly unknown[];
}

/** An entry of `errors` or `warnings`: `Type/Reason`, and what it says. */
export type Entry = readonly [kind: string, message: string];

/**
 * The answer in a status as it stands in a cluster. Throws when there is more in it than errors and
 * warnings account for: an {@link Answer} stands for a whole status.
 */
export function answerOf(kind: string, status: unknown): Answer | undefined {
  const { conditions, currentStatus, description, loadBalancer, ...rest } = Object(status);
  const addresses = loadBalancer?.ingress;
  const more = addresses === undefined ? {} : { addresses };
  if (Object.keys(rest).length > 0) {
    throw new Error(`A field nobody knows: ${JSON.stringify(rest)}`);
  }
  if (conditions === undefined) {
    if (currentStatus !== undefined && currentStatus !== "NotReconciled") {
      throw new Error(`Without a condition it is ${currentStatus}`);
    }
    return addresses === undefined ? undefined : more;
  }
  const [{ errors = [], warnings = [], ...condition }] = conditions;
  const orphaned = errors.find(({ type }: SubCondition) => type === "Orphaned");
  const valid = errors.length === 0;
  const message = valid ? `Valid ${kind}` : "At least one error present, see Errors for details";
  expect(conditions.length, 1);
  expect(condition.type, "Valid");
  expect(condition.status, valid ? "True" : "False");
  expect(condition.reason, valid ? "Valid" : "ErrorPresent");
  expect(condition.message, message);
  if (kind === "HTTPProxy") expect(description, orphaned?.message ?? message);
  return {
    ...(currentStatus === undefined ? {} : { is: currentStatus }),
    ...(valid ? {} : { errors: errors.map(entry) }),
    ...(warnings.length === 0 ? {} : { warnings: warnings.map(entry) }),
    ...more,
  };
}

interface SubCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function entry({ type, status, reason, message }: SubCondition): Entry {
  expect(status, "True");
  return [`${type}/${reason}`, message];
}

function expect(found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`Found "${found}" where "${expected}" belongs`);
}
