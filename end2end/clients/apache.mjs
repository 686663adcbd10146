// Debian's Apache with mod_auth_openidc in front of an application that shows the headers it gets. It runs in a
// directory of its own, on a free port, and no service of the machine is touched.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const modules = "/usr/lib/apache2/modules";

/// A port that is free now.
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/// The application behind Apache: answers with the headers of each request.
async function startApplication() {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.headers));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

const configuration = (directory, port, application, settings) => `
ServerRoot ${directory}
DefaultRuntimeDir ${directory}
PidFile ${directory}/pid
Mutex file:${directory}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
User www-data
Group www-data
ErrorLog ${directory}/log
LogLevel notice auth_openidc:info
LoadModule mpm_event_module ${modules}/mod_mpm_event.so
LoadModule authn_core_module ${modules}/mod_authn_core.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
LoadModule authz_user_module ${modules}/mod_authz_user.so
LoadModule proxy_module ${modules}/mod_proxy.so
LoadModule proxy_http_module ${modules}/mod_proxy_http.so
LoadModule auth_openidc_module ${modules}/mod_auth_openidc.so
${settings}
ProxyPass /app http://127.0.0.1:${application}
<Location /app>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /app/pro>
  Require claim plan:pro
</Location>
<Location /oidc>
  AuthType openid-connect
  Require valid-user
</Location>
`;

/// Starts both. `settings(origin)` are the lines of the module, for an Apache at `origin`.
export async function startApache(settings) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const lines = await settings(origin);
  const directory = await mkdtemp(join(tmpdir(), "turnpike-apache-"));
  const application = await startApplication();
  await writeFile(join(directory, "conf"), configuration(directory, port, application.address().port, lines));
  const child = spawn("/usr/sbin/apache2", ["-DFOREGROUND", "-f", join(directory, "conf")], { stdio: "ignore" });
  let gone;
  const end = new Promise((done) => {
    child.once("close", (code) => done((gone = `it ended with ${code}`)));
    child.once("error", (error) => done((gone = error.message)));
  });
  const log = () => readFile(join(directory, "log"), "utf8").catch(() => "");
  const stop = async () => {
    child.kill("SIGTERM");
    application.closeAllConnections();
    await Promise.all([end, new Promise((done) => application.close(done))]);
    await rm(directory, { recursive: true });
  };
  const answers = () => fetch(origin).then(() => true, () => false);
  while (!gone && !(await answers())) await new Promise((again) => setTimeout(again, 50));
  if (gone) {
    const said = await log();
    await stop();
    assert.fail(`Apache did not start: ${gone}\n${said}`);
  }
  return { origin, log, stop };
}
