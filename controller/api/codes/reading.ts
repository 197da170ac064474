import type { CodeRow } from "./row.ts";

/** CTR001 to CTR099: what goes wrong before there is an object. */
export const readingCodes = {
  CTR001: {
    name: "Syntax",
    title: "Not YAML or JSON",
    severity: "error",
    explanation:
      "The document cannot be parsed, so nothing in it is used. Other documents of the file, and other files, are. If an earlier form of the file was accepted, that form stays in force until the mistake is mended.",
  },
  CTR002: {
    name: "DuplicateKey",
    title: "Key given twice",
    severity: "error",
    explanation:
      "A mapping holds the same key twice. Most tools keep the last and say nothing, which hides half of what was written; here it is an error. A key such as y counts as true, because that is what kubectl makes of it.",
  },
  CTR003: {
    name: "UnknownField",
    title: "Unknown field",
    severity: "error",
    explanation:
      "The kind has no field of this name. Mostly it is a spelling mistake or a wrong indentation: the field stands one level too high or too low.",
  },
  CTR004: {
    name: "WrongType",
    title: "Value of the wrong type",
    severity: "error",
    explanation:
      "The field takes another type, such as text instead of a number. In YAML a plain yes, on or y is a boolean and 010 the number 8, so text that looks like one of these has to be quoted.",
  },
  CTR005: {
    name: "BadValue",
    title: "Value not allowed",
    severity: "error",
    explanation:
      "The value has the right type but breaks a rule of the field: a pattern, a range, a list of words, or a rule that involves a second field. An API server would refuse the object with the same complaint.",
  },
  CTR006: {
    name: "MissingField",
    title: "Required field missing",
    severity: "error",
    explanation: "The field has to be given and has no default. A null counts as missing.",
  },
  CTR007: {
    name: "NotAnObject",
    title: "Not a Kubernetes object",
    severity: "error",
    explanation:
      "A document has to be a mapping with apiVersion, kind and metadata.name. Without these it cannot be said what the document is about.",
  },
  CTR008: {
    name: "UnknownVersion",
    title: "Unknown version of a known kind",
    severity: "error",
    explanation:
      "The kind is one that matters here, but its apiVersion is not the one that is understood. Old versions such as extensions/v1beta1 have to be rewritten to the current one.",
  },
  CTR009: {
    name: "UnknownKind",
    title: "Kind that does not exist",
    severity: "error",
    explanation:
      "The apiVersion belongs to a group that is read here, but has no such kind, and the name is close to one that exists.",
  },
  CTR010: {
    name: "KindNotUsed",
    title: "Kind that plays no part in routing",
    severity: "info",
    explanation:
      "Objects of other kinds, such as Deployment, may stand in the same files. They are passed over.",
  },
  CTR011: {
    name: "DuplicateObject",
    title: "Object given twice",
    severity: "error",
    explanation:
      "Two documents have the same kind, namespace and name. The first is used; the others are not, since which one was meant cannot be known.",
  },
  CTR012: {
    name: "AliasBomb",
    title: "Aliases expand to too much",
    severity: "error",
    explanation:
      "Aliases that refer to nodes full of aliases multiply. The document is refused before its expanded form fills the memory. The same holds for an alias that contains itself.",
  },
  CTR013: {
    name: "TooLarge",
    title: "File too large",
    severity: "error",
    explanation: "The file is beyond the size that is read. Split it into several.",
  },
  CTR014: {
    name: "TooDeep",
    title: "Nested too deeply",
    severity: "error",
    explanation:
      "Mappings and lists are nested beyond any depth that an object of these kinds needs. The document is refused.",
  },
  CTR015: {
    name: "UnreadableFile",
    title: "File or folder cannot be read",
    severity: "error",
    explanation:
      "The operating system refused to read it, or it vanished meanwhile. What it last held stays in force until it can be read again.",
  },
  CTR016: {
    name: "TooManyProblems",
    title: "More problems than are listed",
    severity: "error",
    explanation: "The object has more mistakes than are worth printing. The first ones are listed.",
  },
  CTR017: {
    name: "EmptyFolder",
    title: "Folder without files to read",
    severity: "warning",
    explanation:
      "Nothing in the folder ends in .yaml, .yml or .json, so nothing of it is served. Files that come later are read as they come. Often the path is not the one that was meant.",
  },
} as const satisfies Record<string, CodeRow>;
