/* The browser, a page in it, and the small server that the page is tried against. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";

export const waitMs = 20000;

/* What a check found wrong, in words. */
export class CheckFailed extends Error {}

export function expect(condition, words) {
  if (!condition) {
    throw new CheckFailed(words);
  }
}

export function expectEqual(got, want, what) {
  expect(got === want, `${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

/* page_server on a free port (or `listen`), until stop(). */
export class PageServer {
  static async start(program, mode, listen = "127.0.0.1:0") {
    const child = spawn(program, ["--mode", mode, "--listen", listen], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const lines = readline.createInterface({ input: child.stdout });
    const address = await Promise.race([
      new Promise((resolve) => lines.once("line", (line) => resolve(line.replace("listening on ", "")))),
      ended.then((code) => {
        throw new Error(`${program} ended with ${code} before it listened`);
      }),
    ]);
    return Object.assign(new PageServer(), { child, ended, address, url: `http://${address}` });
  }

  async stop() {
    this.child.stdin.end();
    const code = await Promise.race([
      this.ended,
      new Promise((resolve) => setTimeout(resolve, 10000, "late").unref()),
    ]);
    if (code !== 0) {
      this.child.kill("SIGKILL");
      throw new Error(`page_server ended with ${code}`);
    }
  }
}

const chromiumOptions = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function loadPlaywright(modules) {
  const here = modules
    ? path.resolve(modules)
    : (import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname));
  try {
    return createRequire(path.join(here, "package.json"))("playwright-core");
  } catch {
    throw new Error(
      `playwright-core is not installed in ${here}: run npm ci there, or name its place with --modules`,
    );
  }
}

export class Browser {
  static async start({ chromium, modules }) {
    const playwright = loadPlaywright(modules);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "candlewick-browser-"));
    const context = await playwright.chromium.launchPersistentContext(folder, {
      executablePath: chromium,
      headless: true,
      chromiumSandbox: false,
      args: chromiumOptions,
      viewport: { width: 1280, height: 860 },
      colorScheme: "light",
      reducedMotion: "reduce",
    });
    return Object.assign(new Browser(), { context, folder });
  }

  async open(baseUrl) {
    const page = await this.context.newPage();
    page.setDefaultTimeout(waitMs);
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    return new View(page, baseUrl);
  }

  async stop() {
    await this.context.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/* One tab. */
export class View {
  #complaints = [];

  constructor(page, baseUrl) {
    this.page = page;
    this.baseUrl = baseUrl;
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.#complaints.push(`${message.text()} (${message.location().url})`);
      }
    });
    page.on("pageerror", (error) => this.#complaints.push(error.stack ?? error.message));
  }

  /* The page with fresh storage. `where` is "#group", "?coin=…". */
  async show(where = "") {
    await this.page.goto(`${this.baseUrl}/assets/NOTICE.txt`);
    await this.page.evaluate(() => localStorage.clear());
    await this.page.goto(`${this.baseUrl}/${where}`);
  }

  /* The page, once candles are drawn. */
  async showChart(where = "") {
    await this.show(where);
    await this.until(
      () => Number(document.getElementById("chart").dataset.candles) > 0,
      "no candle was drawn",
    );
  }

  async until(condition, words, argument = undefined) {
    try {
      return await this.page.waitForFunction(condition, argument, { timeout: waitMs });
    } catch (error) {
      throw new CheckFailed(error.name === "TimeoutError" ? words : `${words}: ${error.message}`);
    }
  }

  text(selector) {
    return this.page.locator(selector).innerText();
  }

  chart() {
    return this.page.evaluate(() => ({ ...document.getElementById("chart").dataset }));
  }

  api(question) {
    return fetch(`${this.baseUrl}/api/${question}`).then((answer) => answer.json());
  }

  /* Nothing may be complained about but what `allowed` (regular expressions) names. */
  expectQuiet(allowed) {
    const loud = this.#complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)));
    expect(loud.length === 0, `the console says: ${loud.join(" | ")}`);
  }

  async picture(folder, name) {
    fs.mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.png`) });
  }

  close() {
    return this.page.close();
  }
}
