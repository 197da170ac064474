/** What we send to Envoy, taken apart into pieces that it judges one by one. */
import { join } from "node:path";
import { type KubeObject, readManifest } from "../../controller/api/mod.ts";
import type { EnvoyOptions, Resource } from "../../controller/envoy/mod.ts";
import { defaultSettings, type Settings } from "../../controller/store/mod.ts";
import { translateCold, Translation } from "../../controller/translation/mod.ts";
import { decode, isMessage, type Message } from "../../proto/mod.ts";
import { certificateSecret } from "../golden/certificates.ts";
import { foldersBelow, testsFolder } from "../golden/golden_case.ts";
import { readHeader } from "../golden/header.ts";
import { randomConfiguration } from "../random/configuration.ts";
import { randomWorld, secretText } from "../random/world.ts";
import { envoyOptionsAt } from "../support/envoy.ts";
import { layouts } from "../support/gateway.ts";
import { Random } from "../support/world/random.ts";

/** A resource that Envoy takes, small enough to change one thing about it. */
export interface Subject {
  /** Full name of the message. */
  readonly type: SubjectType;
  readonly message: Message;
}

/** Full names of the messages, by what they are. */
export const subjectTypes = {
  cluster: "envoy.config.cluster.v3.Cluster",
  assignment: "envoy.config.endpoint.v3.ClusterLoadAssignment",
  listener: "envoy.config.listener.v3.Listener",
  scope: "envoy.config.route.v3.ScopedRouteConfiguration",
} as const;

export type SubjectType = typeof subjectTypes[keyof typeof subjectTypes];

/** The cluster that every server we ask is said to be at. It is always there. */
export const baseCluster = "base";

/** All different pieces of what comes of the golden cases and of random worlds. */
export async function subjects(): Promise<readonly Subject[]> {
  const found = new Map<string, Subject>();
  for (const resource of [...await goldenResources(), ...await randomResources()]) {
    for (const subject of pieces(resource)) {
      found.set(identity(subject), subject);
    }
  }
  return [...found.values()];
}

function identity({ type, message }: Subject): string {
  return `${type} ${
    JSON.stringify(message, (key, value) =>
      key === "name" || key === "altStatName" || key === "clusterName"
        ? undefined
        : value instanceof Uint8Array
        ? value.length
        : value)
  }`;
}

async function goldenResources(): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  for (const folder of foldersBelow(join(testsFolder, "golden"))) {
    if (![...Deno.readDirSync(folder)].some(({ name }) => name === "in.yaml")) continue;
    const text = await Deno.readTextFile(join(folder, "in.yaml"));
    const { layout, settings, envoy, certificates } = readHeader(text);
    const objects: KubeObject[] = readManifest(text, { file: "in.yaml" }).objects
      .map(({ object }) => object);
    for (const request of certificates) objects.push(await certificateSecret(request));
    const translation = new Translation({ settings, envoy, layout });
    translation.apply({ applied: objects });
    translation.settleNow();
    found.push(...translation.resources());
  }
  return found;
}

async function randomResources(): Promise<readonly Resource[]> {
  const stringData = await secretText();
  const found: Resource[] = [];
  for (let seed = 0; seed < 12; seed++) {
    const random = new Random(9_000 + seed);
    const { settings, envoy } = randomConfiguration(random);
    const { objects } = randomWorld(random, stringData);
    const place = { address: "127.0.0.1", http: 8080, https: 8443 };
    const all: { readonly settings: Settings; readonly envoy: EnvoyOptions } = {
      settings: { ...defaultSettings, nowMs: Date.UTC(2030, 0), ...settings },
      envoy: { ...envoyOptionsAt(place), ...envoy },
    };
    const layout = random.of(layouts);
    found.push(...translateCold(objects, { ...all, layout }).resources.values());
  }
  return found;
}

function pieces({ typeUrl, body }: Resource): readonly Subject[] {
  const type = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  switch (type) {
    case subjectTypes.cluster: {
      const { edsClusterConfig, ...message } = decode(type, body);
      // Envoy would say nothing until endpoints came.
      return [{ type, message: edsClusterConfig ? { ...message, type: "STATIC" } : message }];
    }
    case subjectTypes.assignment:
      return [{ type, message: decode(type, body) }];
    case subjectTypes.listener: {
      const { filterChains, ...rest } = atBase(decode(type, body));
      return messages(filterChains).map((chain) => ({
        type,
        message: { ...rest, filterChains: [chain] },
      }));
    }
    case subjectTypes.scope: {
      const { routeConfiguration } = decode(type, body);
      return isMessage(routeConfiguration) ? scopes(routeConfiguration) : [];
    }
    case "envoy.config.route.v3.RouteConfiguration":
      return scopes(decode(type, body));
    default:
      return [];
  }
}

/** A scope for each route: Envoy judges routes in them as it does elsewhere. */
function scopes({ virtualHosts, ...rest }: Message): readonly Subject[] {
  return messages(virtualHosts).flatMap(({ routes, ...host }) =>
    messages(routes).map((route) => ({
      type: subjectTypes.scope,
      message: {
        name: "scope",
        key: { fragments: [{ stringKey: "k" }] },
        routeConfiguration: {
          ...rest,
          // That they are there before is the business of whoever sends it.
          validateClusters: { value: false },
          virtualHosts: [{ ...host, routes: [route] }],
        },
      },
    }))
  );
}

/** Envoy wants to know the clusters of the servers it asks; there is one for all of them. */
function atBase(message: Message): Message {
  const text = (key: string, value: unknown): unknown =>
    key === "envoyGrpc" && isMessage(value) ? { ...value, clusterName: baseCluster } : value;
  return mapped(message, text);
}

function mapped(message: Message, change: (key: string, value: unknown) => unknown): Message {
  const inner = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(inner) : isMessage(value) ? mapped(value, change) : value;
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => [key, inner(change(key, value))]),
  );
}

function messages(list: unknown): readonly Message[] {
  return Array.isArray(list) ? list.filter(isMessage) : [];
}
