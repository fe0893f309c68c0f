import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { version } from "../../provider/package.json";
import schema from "../../provider/src/shells/plugin/schema.json";
import { writeArchives } from "../../scripts/pluginArchives.mjs";
import { FIRST_MS, yamlProject } from "../support/project.js";

test(
  "the engine downloads what a release offers, and deploys with it",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "kompliant-download-"));
    const asked: string[] = [];
    const server = createServer(({ url = "" }, response) => {
      asked.push(url);
      const file = join(folder, url);
      // The engine wants to know the length beforehand, which is known of what is sent at once.
      if (existsSync(file)) response.end(readFileSync(file));
      else response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    try {
      await once(server, "listening");
      const names = writeArchives(folder);
      const releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await using emulator = await startEmulator();
      const program = stringify({
        resources: {
          orders: {
            type: "kompliant:WebhookConfig",
            properties: { url: "https://example.com/kompliant/orders" },
            options: { version, pluginDownloadURL: schema.pluginDownloadURL },
          },
        },
      });
      await using project = await yamlProject({
        program,
        env: {
          ...emulator.env,
          PULUMI_HOME: join(folder, "home"),
          PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `^${schema.pluginDownloadURL}$=${releases}`,
        },
      });
      const up = await project.up();
      expect(up, up.output).toMatchObject({ ok: true, changes: { create: 2 } });
      expect(emulator.configs()).toMatchObject([{ url: "https://example.com/kompliant/orders" }]);
      const [os = process.platform, architecture = process.arch] = [
        ({ win32: "windows" } as Partial<Record<string, string>>)[process.platform],
        ({ x64: "amd64" } as Partial<Record<string, string>>)[process.arch],
      ];
      const wanted = `pulumi-resource-kompliant-v${version}-${os}-${architecture}.tar.gz`;
      expect(names).toContain(wanted);
      expect(asked).toEqual([`/${wanted}`]);
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  FIRST_MS,
);
