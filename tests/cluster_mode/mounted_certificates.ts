/** The certificates of controller and Envoys where a Pod has them: in a volume from a Secret. */
import { join } from "node:path";
import { contourCommand, runToEnd } from "../support/contour_process.ts";

/** A folder whose files are replaced all at once, as a node replaces those of a volume. */
export class MountedCertificates implements AsyncDisposable {
  #serial = 0;

  private constructor(readonly folder: string) {}

  /** A volume with certificates of an authority of its own. */
  static async mount(): Promise<MountedCertificates> {
    const mounted = new MountedCertificates(
      await Deno.makeTempDir({ prefix: "contour-certificates-" }),
    );
    await mounted.renew();
    for await (const { name } of Deno.readDir(join(mounted.folder, "..data"))) {
      await Deno.symlink(`..data/${name}`, join(mounted.folder, name));
    }
    return mounted;
  }

  /** The paths of what one side uses. */
  filesOf(who: "contour" | "envoy"): Readonly<Record<"ca" | "cert" | "key", string>> {
    return {
      ca: join(this.folder, "cacert.pem"),
      cert: join(this.folder, `${who}cert.pem`),
      key: join(this.folder, `${who}key.pem`),
    };
  }

  /** The contents of the same. */
  async read(who: "contour" | "envoy"): Promise<Readonly<Record<"ca" | "cert" | "key", string>>> {
    const { ca, cert, key } = this.filesOf(who);
    const [caText, certText, keyText] = await Promise.all(
      [ca, cert, key].map((file) => Deno.readTextFile(file)),
    );
    return { ca: caText ?? "", cert: certText ?? "", key: keyText ?? "" };
  }

  /** Puts certificates of a new authority in the place of those there are. */
  async renew(): Promise<void> {
    await this.#replace(async (folder) => {
      const { code, err } = await runToEnd([...contourCommand, "certgen", "--pem", folder]);
      if (code !== 0) throw new Error(`No certificates: ${err}`);
    });
  }

  /** Gives each side the key of the other. */
  async exchangeKeys(): Promise<void> {
    const from = join(this.folder, "..data");
    const instead: Readonly<Record<string, string>> = {
      "contourkey.pem": "envoykey.pem",
      "envoykey.pem": "contourkey.pem",
    };
    await this.#replace(async (folder) => {
      await Deno.mkdir(folder);
      for await (const { name } of Deno.readDir(from)) {
        await Deno.copyFile(join(from, instead[name] ?? name), join(folder, name));
      }
    });
  }

  async #replace(fill: (folder: string) => Promise<void>): Promise<void> {
    const version = `..version-${++this.#serial}`;
    await fill(join(this.folder, version));
    await Deno.symlink(version, join(this.folder, "..data_tmp"));
    await Deno.rename(join(this.folder, "..data_tmp"), join(this.folder, "..data"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
