/** Root of the API, without a trailing slash; empty when the API serves these files itself. */
declare const __CADRAN_API__: string;

interface Window {
  /** The first screen's answers, asked for before the script was loaded (see tools/early-client.js). */
  __early?: Record<string, Promise<Response>>;
}

declare const __EARLY__: {
  api: string;
  base: string;
  screens: Record<string, { dashboard: string; files: string[]; texts: Record<string, string[]> }>;
  languages: Record<string, string[]>;
  scope: string[];
};

declare module 'subset-font' {
  const subset: (font: Uint8Array, text: string, options: object) => Promise<Uint8Array>;
  export default subset;
}

/** What the API says of its resources, made from `openapi.yaml` when the app is built (tools/schema.js). */
declare module 'virtual:schema' {
  const schema: Record<string, import('../tools/schema.js').ResourceSchema>;
  export default schema;
}
