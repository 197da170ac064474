import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { conditionReasonPattern, conditionTypePattern } from "./patterns.ts";
import { int64, matching } from "./values.ts";

const fields = {
  type: matching(conditionTypePattern, "a condition type").max(316).describe("What it is about."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it holds."),
  reason: matching(conditionReasonPattern, "a word in CamelCase").min(1).max(1024).describe(
    "Why, in one word for programs.",
  ),
  message: z.string().max(32_768).describe("Why, for people."),
};

/** One error or warning of a {@link DetailedCondition}. */
export const SubCondition = z.object(fields);
/** See {@link SubCondition}. */
export type SubCondition = Immutable<z.infer<typeof SubCondition>>;

/** A condition in a status, with the errors and warnings behind it. */
export const DetailedCondition = z.object({
  ...fields,
  observedGeneration: int64().min(0).optional().describe("The generation this speaks of."),
  lastTransitionTime: z.string().meta({ format: "date-time" }).describe("When it last changed."),
  errors: z.array(SubCondition).optional().describe("What is wrong."),
  warnings: z.array(SubCondition).optional().describe("What is odd but served."),
});
/** See {@link DetailedCondition}. */
export type DetailedCondition = Immutable<z.infer<typeof DetailedCondition>>;

/** The conditions of a status, one of each type. */
export const Conditions = z.array(DetailedCondition).meta({
  "x-kubernetes-list-map-keys": ["type"],
  "x-kubernetes-list-type": "map",
});

/** The addresses at which a load balancer can be reached. */
export const LoadBalancerStatus = z.object({
  ingress: z.array(z.object({
    hostname: z.string().optional().describe("A name."),
    ip: z.string().optional().describe("An address."),
    ipMode: z.string().optional().describe("VIP or Proxy: how the address treats traffic."),
    ports: z.array(z.object({
      port: z.int32().meta({ format: "int32" }).describe("The port."),
      protocol: z.string().describe("TCP, UDP or SCTP."),
      error: matching(conditionTypePattern, "an error name").max(316).optional().describe(
        "Why the port does not work.",
      ),
    })).meta({ "x-kubernetes-list-type": "atomic" }).optional().describe("Ports, one by one."),
  })).meta({ "x-kubernetes-list-type": "atomic" }).optional().describe("One entry an address."),
});
/** See {@link LoadBalancerStatus}. */
export type LoadBalancerStatus = Immutable<z.infer<typeof LoadBalancerStatus>>;
