import assert from "node:assert/strict";
import { load, loadAll } from "js-yaml";
import { generateCrds } from "./generate_crds.ts";
import { generateInstall } from "./generate_install.ts";
import {
  folders,
  image,
  installation,
  type InstallObject,
  permissionFlags,
  type Variant,
  variants,
  type Workload,
} from "./topology/mod.ts";

const folder = new URL("./install/", import.meta.url);
const files = generateInstall();

Deno.test("the committed installation is that of the source: else run `deno task gen`", () => {
  for (const [path, text] of files) {
    assert.equal(Deno.readTextFileSync(new URL(path, folder)), text, path);
  }
});

const quickstarts: readonly (readonly [Variant, string])[] = [
  ["daemonset", "quickstart.yaml"],
  ["deployment", "quickstart-deployment.yaml"],
];

for (const [variant, quickstart] of quickstarts) {
  Deno.test(`kustomize builds of ${variant} what ${quickstart} holds`, () => {
    const built = build(variant);
    const rendered = loadAll(files.get(quickstart) ?? "");
    assert.deepEqual(built.map(text).sort(), rendered.map(text).sort());
    const crds = built.filter((object) =>
      (object as InstallObject).apiVersion.startsWith("apiext")
    );
    assert.equal(crds.length, generateCrds().size);
  });

  Deno.test(`${quickstart} creates what is needed before what needs it`, () => {
    const kinds = loadAll(files.get(quickstart) ?? "").map((object) =>
      (object as InstallObject).kind
    );
    assert.equal(kinds[0], "Namespace");
    const firstOf = (kind: string) => kinds.indexOf(kind as InstallObject["kind"]);
    assert.ok(firstOf("CustomResourceDefinition") < firstOf("Deployment"));
    assert.ok(kinds.lastIndexOf("ServiceAccount") < firstOf("Job"));
    assert.ok(kinds.lastIndexOf("RoleBinding") < firstOf("Job"));
  });
}

Deno.test("without a choice the installation is the one with a DaemonSet", () => {
  assert.deepEqual(build("").map(text), build("daemonset").map(text));
});

Deno.test("the Envoys of both variants differ in their ports on the host and their spread alone", () => {
  const [daemon, deployed] = (["daemonset", "deployment"] as const).map((variant) => {
    const found = workloads(variant).find(({ metadata }) => metadata.name === "envoy");
    assert.ok(found !== undefined);
    const { affinity: _, ...pod } = found.spec.template.spec;
    return JSON.parse(JSON.stringify(pod).replaceAll(/"hostPort":\d+,/g, ""));
  });
  assert.deepEqual(daemon, deployed);
});

Deno.test("what a container of ours mounts its image may read, and write where it has to", () => {
  const flags = permissionFlags();
  const read = flags.find((flag) => flag.startsWith("--allow-read="))?.split(/[=,]/) ?? [];
  const write = flags.find((flag) => flag.startsWith("--allow-write="))?.split(/[=,]/) ?? [];
  for (const variant of Object.keys(variants) as Variant[]) {
    for (const { spec: { template: { spec } } } of workloads(variant)) {
      for (const container of [...spec.initContainers ?? [], ...spec.containers]) {
        if (container.image !== image) continue;
        for (const { mountPath, readOnly = false } of container.volumeMounts ?? []) {
          assert.ok(read.includes(mountPath), `${container.name} reads ${mountPath}`);
          assert.ok(readOnly || write.includes(mountPath), `${container.name} writes ${mountPath}`);
          assert.ok(Object.values<string>(folders).includes(mountPath));
        }
      }
    }
  }
});

Deno.test("the binary of the image may run nothing and load nothing", () => {
  const flags = permissionFlags().join(" ");
  assert.doesNotMatch(flags, /(^| )(-A|--allow-(all|run|ffi|import))/);
  // Each of the others but the network has its list.
  assert.doesNotMatch(flags, /--allow-(read|write|env|sys)( |$)/);
});

Deno.test("the image starts by the name that the containers call", () => {
  const text = Deno.readTextFileSync(new URL("../Containerfile", import.meta.url));
  assert.match(text, /^ENTRYPOINT \["\/bin\/contour"\]$/m);
  assert.match(text, /^USER 65534:65534$/m);
});

Deno.test("docs/install.md speaks of files, images and objects that exist", () => {
  const page = Deno.readTextFileSync(new URL("../docs/install.md", import.meta.url));
  const texts = Array.from(page.matchAll(/<<'EOF'\n(.*?)^EOF$/gms), ([, text = ""]) => text);
  const { resources, images, configMapGenerator, patches } = load(texts.join("")) as {
    readonly resources: readonly string[];
    readonly images: readonly { readonly name: string }[];
    readonly configMapGenerator: readonly { readonly name: string; readonly namespace: string }[];
    readonly patches: readonly {
      readonly target?: { readonly kind: string; readonly name: string };
      readonly patch: string;
    }[];
  };
  for (const resource of resources) {
    assert.ok(
      files.has(`${resource.replace("contour/manifests/install/", "")}/kustomization.yaml`),
    );
  }
  assert.deepEqual(images.map(({ name }) => name), [image.replace(/:.*/, "")]);
  const targets = [
    ...configMapGenerator.map(({ name }) => ({ kind: "ConfigMap", name })),
    ...patches.map(({ target, patch }) => target ?? nameOf(load(patch) as InstallObject)),
  ];
  for (const { kind, name } of targets) {
    const isIt = (object: InstallObject) => object.kind === kind && object.metadata.name === name;
    assert.ok(installation("deployment").some(isIt), `${kind} ${name}`);
  }
  for (const [path] of page.matchAll(/manifests\/[\w/]+(\.yaml)?/g)) {
    assert.ok(Deno.statSync(new URL(`../${path}`, import.meta.url)), path);
  }
});

function nameOf({ kind, metadata: { name } }: InstallObject) {
  return { kind, name };
}

/** The objects of a folder, as `kubectl kustomize` puts them together. */
function build(path: string): readonly unknown[] {
  const { resources } = load(files.get(joined(path, "kustomization.yaml")) ?? "") as {
    readonly resources: readonly string[];
  };
  return resources.flatMap((resource) => {
    const at = joined(path, resource);
    return resource.endsWith(".yaml") ? loadAll(files.get(at) ?? "") : build(at);
  });
}

function joined(path: string, name: string): string {
  return new URL(name, `file:///${path === "" ? "" : `${path}/`}`).pathname.slice(1);
}

function workloads(variant: Variant): readonly Workload[] {
  return installation(variant).filter((object): object is Workload =>
    ["DaemonSet", "Deployment", "Job"].includes(object.kind)
  );
}

function text(object: unknown): string {
  return JSON.stringify(object);
}
