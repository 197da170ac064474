/**
 * Ingresses and IngressRoutes as HTTPProxies, with a note on everything that is not carried over.
 * Answers only to what it is given: no clock, network or file.
 * @module
 */
export { type AnnotationGroup, type AnnotationRow } from "./annotation_row.ts";
export { contourAnnotations, kubernetesAnnotations } from "./contour_rows.ts";
export { type Conversion, type ConversionCounts, convert, type WriteOptions } from "./convert.ts";
export { nginxAnnotations } from "./nginx/rows.ts";
export { type Note, type Target, type Verdict, verdicts } from "./note.ts";
export type { OutputFile } from "./rendering.ts";
export { conversionReport, type ReportFormat, reportFormats } from "./report.ts";
export { type Expectation, type RequestTest, writeRequestTests } from "./request_tests.ts";
export { type Dialect, dialects } from "./settings.ts";
export type { SourceFile } from "./sources.ts";
export type { ConvertOptions } from "./workshop.ts";
