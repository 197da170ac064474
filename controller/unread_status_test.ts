import assert from "node:assert/strict";
import type { ObjectKey } from "./api/mod.ts";
import type { UnreadObject } from "./kube/mod.ts";
import { unreadStatus } from "./unread_status.ts";

const key: ObjectKey = { kind: "HTTPProxy", namespace: "default", name: "shop" };
const unread: UnreadObject = {
  problems: [{
    code: "CTR004",
    severity: "error",
    object: key,
    path: "spec.routes[0].services[0].port",
    message: "must be an integer",
  }],
  annotations: {},
  generation: 7,
};

Deno.test("an object that cannot be read is told so, with the field", () => {
  const status = unreadStatus(key, unread, []);
  assert.deepEqual(status, {
    currentStatus: "invalid",
    description: "At least one error present, see Errors for details",
    conditions: [{
      type: "Valid",
      status: "False",
      reason: "ErrorPresent",
      message: "At least one error present, see Errors for details",
      observedGeneration: 7,
      errors: [{
        type: "SpecError",
        status: "True",
        reason: "WrongType",
        message: "spec.routes[0].services[0].port: must be an integer",
      }],
    }],
  });
});

Deno.test("a policy that cannot be read is told so, whatever its class", () => {
  const policy = { ...key, kind: "RateLimit.policy.projectcontour.io" } as const;
  const status = unreadStatus(policy, { ...unread, ingressClassName: "nginx" }, []);
  const [condition] = status?.conditions ?? [];
  assert.equal(condition?.status, "False");
  assert.equal(condition.errors?.[0]?.reason, "WrongType");
});

Deno.test("those of other classes and kinds are left alone", () => {
  const ofOther = { ...unread, ingressClassName: "nginx" };
  assert.equal(unreadStatus(key, ofOther, []), undefined);
  assert.notEqual(unreadStatus(key, ofOther, ["nginx"]), undefined);
  const noted = { ...ofOther, annotations: { "projectcontour.io/ingress.class": "contour" } };
  assert.notEqual(unreadStatus(key, noted, []), undefined);
  assert.equal(unreadStatus({ ...key, kind: "Secret" }, unread, []), undefined);
  assert.notEqual(unreadStatus({ ...key, kind: "ExtensionService" }, ofOther, []), undefined);
});
