import { z } from "zod";
import { definePlugin, definePolicy } from "../../mod.ts";

/** Says something in a header: at the host by Envoy's own fields, at routes by a filter. */
const Greeting = definePolicy({
  kind: "Greeting",
  group: "greeting.example",
  summary: "Greets whoever asks.",
  schema: z.object({
    text: z.string().min(1).describe("What is said in x-greeting."),
    loud: z.boolean().default(false).describe("Whether it is said in capitals."),
  }),
  annotations: {
    names: ["greeting.example/text"],
    read: ({ "greeting.example/text": text }) => ({ text }),
  },
  host: ({ host, policies: [{ settings, id }] }) => ({
    message: settings.text === "refuse" ? { responseHeadersToAdd: [{}] } : {
      responseHeadersToAdd: [{ header: { key: "x-greeting", value: said(settings) } }],
    },
    feed: { [id]: { host: host.fqdn, text: settings.text } },
  }),
  route: ({ policies: [{ settings, level }] }) =>
    level === "host" || level === "namespace" ? undefined : {
      filters: {
        say: {
          "@type": "envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute",
          mutations: {
            responseMutations: [{
              append: { header: { key: "x-route-greeting", value: said(settings) } },
            }],
          },
        },
      },
    },
  diagnose: ({ text, loud }) =>
    loud && text.endsWith("!") ? [{ path: "text", message: "is loud enough without a mark" }] : [],
});

function said({ text, loud }: { readonly text: string; readonly loud: boolean }): string {
  if (text === "fail") throw new Error("I will not say that");
  return loud ? text.toUpperCase() : text;
}

export default definePlugin({
  contract: 1,
  name: "greeting",
  summary: "Greets whoever asks.",
  policies: [Greeting],
  filters: [{
    name: "say",
    after: "authorization",
    before: "router",
    type: "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
  }],
});
