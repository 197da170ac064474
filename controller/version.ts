/** The version of this program, by semantic versioning. */
export const version = "0.1.0";
