import type { Cors, CorsPreset } from "../settings/cors.ts";

/** Everything said of CORS, of all policies together. */
export interface CorsSettings {
  /** At least one. */
  readonly origins: readonly string[];
  /** At least one. */
  readonly methods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number;
  readonly allowCredentials: boolean;
  readonly allowPrivateNetwork: boolean;
}

/**
 * The widest first; a preset makes a new start. A text says why there is nothing that can be used,
 * `undefined`: nothing is said at all.
 */
export function corsOf(all: readonly Cors[]): CorsSettings | string | undefined {
  if (all.length === 0) return undefined;
  let settings: Omit<CorsSettings, "origins"> & { readonly origins?: readonly string[] } = defaults;
  for (const cors of all) {
    if (cors.preset !== undefined) settings = { ...defaults, ...corsPresetSettings[cors.preset] };
    const { allowOrigins, allowMethods } = cors;
    settings = {
      ...settings,
      ...(allowOrigins === undefined ? {} : { origins: allowOrigins }),
      ...(allowMethods === undefined ? {} : { methods: allowMethods }),
      allowHeaders: cors.allowHeaders ?? settings.allowHeaders,
      exposeHeaders: cors.exposeHeaders ?? settings.exposeHeaders,
      maxAgeSeconds: cors.maxAgeSeconds ?? settings.maxAgeSeconds,
      allowCredentials: cors.allowCredentials ?? settings.allowCredentials,
      allowPrivateNetwork: cors.allowPrivateNetwork ?? settings.allowPrivateNetwork,
    };
  }
  const { origins } = settings;
  if (origins === undefined) return "names no origins, nor does its preset: set allowOrigins";
  if (settings.allowCredentials && origins.includes("*")) {
    return "allows credentials to all origins: name those that may have them";
  }
  return { ...settings, origins };
}

const defaults = {
  methods: ["GET", "HEAD", "POST"],
  allowHeaders: [],
  exposeHeaders: [],
  maxAgeSeconds: 600,
  allowCredentials: false,
  allowPrivateNetwork: false,
} as const;

/**
 * `public`: whoever asks, with every method, without cookies. `readOnly`: the same for reading alone.
 * `trusted`: pages of the named origins, as if they were our own.
 */
const corsPresetSettings: Readonly<Record<CorsPreset, Partial<CorsSettings>>> = {
  public: {
    origins: ["*"],
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    allowHeaders: ["accept", "authorization", "content-type", "x-requested-with"],
    maxAgeSeconds: 86_400,
  },
  readOnly: { origins: ["*"], methods: ["GET", "HEAD", "OPTIONS"], maxAgeSeconds: 86_400 },
  trusted: {
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    allowHeaders: ["accept", "authorization", "content-type", "x-requested-with"],
    allowCredentials: true,
  },
};
