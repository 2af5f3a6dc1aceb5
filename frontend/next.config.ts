import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants.js";

/** Where `npm run dev` finds the API: the edge of the local stack. */
const API = process.env["AUDIT_URL"] ?? "http://localhost:3000";

const config: NextConfig = {
  output: "export",
  // `/record/` is `record/index.html`: every static server finds it without a rule of its own.
  trailingSlash: true,
  reactStrictMode: true,
  // The same source gives the same files.
  generateBuildId: () => "dashboard",
  // `npm run types` checks more than the build would, tests included.
  typescript: { ignoreBuildErrors: true },
};

export default function nextConfig(phase: string): NextConfig {
  if (phase !== PHASE_DEVELOPMENT_SERVER) return config;
  const { output: _output, ...development } = config;
  return {
    ...development,
    rewrites: () => Promise.resolve([{ source: "/api/:path*", destination: `${API}/api/:path*` }]),
  };
}
