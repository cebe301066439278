import { defineConfig } from "@playwright/test";

// Debian's Chromium; nothing is downloaded and nothing but the demo is called.
const chromium = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--autoplay-policy=no-user-gesture-required", "--mute-audio",
  ],
};

export default defineConfig({
  testDir: "./tests",
  globalSetup: "./tests/demo.ts",
  outputDir: "./test-results",
  timeout: 2 * 60_000,
  expect: { timeout: 15_000 },
  workers: 1,
  retries: 0,
  reporter: [["list"]],
  use: { browserName: "chromium", launchOptions: chromium, locale: "zh-CN", timezoneId: "Asia/Shanghai", viewport: { width: 1440, height: 900 } },
  projects: [
    { name: "stories", testMatch: /.*\.spec\.ts/ },
    { name: "shots", testMatch: /shots\.ts/ },
  ],
});
