import react from "@vitejs/plugin-react";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

// The page is served by Django: assets under /static/ (WhiteNoise, hashed names), index.html for
// every path of the application. Django replaces __CSP_NONCE__ in index.html for each response.
export default defineConfig(({ command, mode }) => ({
  base: command === "build" ? "/static/" : "/",
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    target: "es2022",
    // A data: font or image would need a wider CSP.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": { target: loadEnv(mode, ".", "DEV_").DEV_BACKEND ?? "http://127.0.0.1:8000" } } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
}));
