// Finds Chromium, and on Debian and Ubuntu installs it if it may.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is. */
export function ensureChromium() {
  const found = process.env.STEPWELL_CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (found !== undefined) return found;
  if (existsSync("/usr/bin/apt-get") && process.getuid?.() === 0) {
    install();
    if (existsSync(PLACES[0])) return PLACES[0];
  }
  throw new Error("there is no Chromium: install it (apt-get install chromium), or say where it is in STEPWELL_CHROMIUM");
}

function install() {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => spawnSync("apt-get", ["-q", "-y", ...args], { stdio: "inherit", env }).status === 0;
  const wanted = ["install", "--no-install-recommends", "chromium"];
  if (!apt(...wanted)) {
    apt("update");
    apt(...wanted);
  }
}
