/**
 * What is made of schemas for an API server.
 * @module
 */
export {
  type CustomResource,
  customResourceDefinition,
  type Json,
  yaml,
} from "./custom_resource.ts";
