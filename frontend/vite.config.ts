import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The page is served by Django: assets under /static/ (WhiteNoise, hashed names), index.html for
// every path of the application. Django replaces __CSP_NONCE__ in index.html for each response.
const backend = process.env["LOGPLATFORM_DEV_BACKEND"] ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  base: command === "build" ? "/static/" : "/",
  plugins: [react()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    target: "es2022",
    // A data: font or image would need a wider CSP.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": { target: backend, changeOrigin: false } } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
}));
