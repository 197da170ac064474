import type { Scene, Stage } from "../stage.ts";

/** A configuration, and what clients notice of it. */
export interface ConfigurationCase {
  readonly name: string;
  /** YAML of the configuration file, or the spec of a ContourConfiguration. */
  readonly configuration: string | ((stage: ConfigurationStage) => string) | {
    readonly spec: object;
  };
  /** YAML; the Services are those of the stage. */
  readonly manifest: string | ((stage: Stage) => string);
  /** What each connection has to begin with. */
  readonly preface?: string;
  readonly check: (scene: ConfigurationScene) => Promise<void>;
}

/** What configurations can count on beside the stage. */
export interface ConfigurationStage extends Stage {
  /** A port of 127.0.0.1 where nobody listens. */
  readonly freePort: number;
}

/** A gateway that runs by the configuration. */
export interface ConfigurationScene extends Scene, ConfigurationStage {
  /** The lines of the access log so far. */
  readonly accessLog: () => Promise<readonly string[]>;
}
