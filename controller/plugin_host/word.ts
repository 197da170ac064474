/** The word by which a compiled program is asked to be the process of a plugin. */
export const pluginProcessWord = "plugin-process";
