/** What came of a suite, by the report that Ginkgo writes. */

/** Prints how many specs passed, and what is wrong with those that did not. */
export async function tellReport(suite: string, path: string): Promise<void> {
  const text = await Deno.readTextFile(path).catch(() => undefined);
  if (text === undefined) return console.log(`${suite}: ended without a report`);
  const [{ SpecReports: nodes }] = JSON.parse(text) as readonly [Report];
  const specs = nodes.filter(({ LeafNodeType }) => LeafNodeType === "It");
  const counts = ["passed", "failed", "skipped"].map((state) =>
    `${specs.filter(({ State }) => State === state).length} ${state}`
  );
  console.log(`${suite}: ${counts.join(", ")}`);
  for (const { State, ContainerHierarchyTexts, LeafNodeText, Failure, RunTime } of nodes) {
    if (["passed", "skipped", "pending"].includes(State)) continue;
    const name = [...ContainerHierarchyTexts ?? [], LeafNodeText].join(" / ");
    const { FileName, LineNumber } = Failure?.Location ?? {};
    console.log(`  ${State} after ${Math.round(RunTime / 1e9)} s: ${name}`);
    console.log(`    ${FileName}:${LineNumber}`);
    console.log(`    ${Failure?.Message?.trim().replaceAll("\n", "\n    ")}`);
  }
}

interface Report {
  /** Specs, and what goes before and after them. */
  readonly SpecReports: readonly {
    readonly State: string;
    readonly LeafNodeType: string;
    readonly LeafNodeText: string;
    readonly ContainerHierarchyTexts: readonly string[] | null;
    /** Nanoseconds. */
    readonly RunTime: number;
    readonly Failure?: {
      readonly Message?: string;
      readonly Location?: { readonly FileName: string; readonly LineNumber: number };
    };
  }[];
}
