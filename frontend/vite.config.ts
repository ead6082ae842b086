import react from "@vitejs/plugin-react";
import { loadEnv } from "vite";
import { defineConfig } from "vitest/config";

// Django serves what is built: files by their path (WhiteNoise), index.html for every other address.
export default defineConfig(({ mode }) => ({
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  build: {
    target: "es2022",
    // A data: font or image would need a wider CSP.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": { target: loadEnv(mode, ".", "DEV_").DEV_BACKEND ?? "http://127.0.0.1:8000" } } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
}));
