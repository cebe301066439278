// The certified client `openid-client` signs in at the management platform as a foreign provider's program would. The
// story stories/tests/it/openid_client.rs starts it; it says each rule that held in a line, and ends with an error at the
// first that did not. What it is told stands in the environment.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import http from "node:http";
import readline from "node:readline";

// Node 18 has them in the module only.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
const oidc = await import("openid-client");
const { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } = await import("jose");

const { ISSUER, CLIENT_ID, CLIENT_SECRET, ACCOUNT, PASSWORD, NOW, PORT } = process.env;
const own = `http://127.0.0.1:${PORT}`;
// The platform's clock stands still in stories; this program's goes from the same moment.
const real = Date.now;
let shift = Number(NOW) * 1000 - real();
Date.now = () => real() + shift;
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const held = (rule) => console.log(`held ${rule}`);
const ask = async (what) => {
  console.log(`please ${what}`);
  await lines.next();
};

/** A browser without script. */
class Browser {
  cookies = new Map();

  /** Goes to an address and on to wherever it leads; stops at this program's own addresses. */
  async go(address, form) {
    let url = new URL(address);
    for (let step = 0; step < 10; step += 1) {
      if (url.origin === own) return { url };
      const headers = { cookie: [...this.cookies].map(([n, v]) => `${n}=${v}`).join("; ") };
      const request = form ? { method: "POST", body: new URLSearchParams(form), headers: { ...headers, origin: url.origin } } : { headers };
      const response = await fetch(url, { ...request, redirect: "manual" });
      for (const set of response.headers.getSetCookie()) {
        const [name, value] = set.split(";")[0].split("=");
        this.cookies.set(name, value);
      }
      const to = response.headers.get("location");
      if (!to) return { url, status: response.status, text: await response.text() };
      [url, form] = [new URL(to, url), undefined];
    }
    throw new Error(`redirected for ever: ${url}`);
  }
}

const plain = (text) => text.replaceAll("&#38;", "&").replaceAll("&#34;", '"');
const hidden = (page, name) => plain(page.text.split(`name="${name}" value="`)[1].split('"')[0]);

async function signIn(browser, page) {
  assert.equal(page.url.pathname, "/sign-in", page.text);
  const form = { account: ACCOUNT, password: PASSWORD, next: hidden(page, "next"), _csrf: hidden(page, "_csrf") };
  const between = await browser.go(`${ISSUER}/sign-in`, form);
  assert.equal(between.url.pathname, "/openid/continue", between.text);
  return browser.go(ISSUER + plain(between.text.split('btn-primary" href="')[1].split('"')[0]));
}

function decide(browser, page, decision) {
  assert.match(page.text, /同意并登录/);
  return browser.go(`${ISSUER}/openid/consent`, { _csrf: hidden(page, "_csrf"), query: hidden(page, "query"), decision });
}

/** A request with its secrets. */
async function request(config, more = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${own}/cb`, scope: "openid profile", state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...more,
  });
  return { url, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true } };
}

/** What a promise was refused with. */
const refused = async (promise) => promise.then(() => assert.fail("not refused"), (error) => error);

const connect = (auth, secret = CLIENT_SECRET) =>
  oidc.discovery(new URL(ISSUER), CLIENT_ID,
    { client_secret: secret, [oidc.clockTolerance]: 30 }, auth(secret), { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] });

const told = [];
let hear;
const server = http.createServer((req, res) => {
  let body = "";
  req.on("data", (part) => (body += part));
  req.on("end", () => {
    told.push(new URLSearchParams(body).get("logout_token"));
    res.end();
    hear?.();
  });
});
await new Promise((done) => server.listen(Number(PORT), "127.0.0.1", done));

const config = await connect(oidc.ClientSecretBasic);
const metadata = config.serverMetadata();
assert.ok(metadata.supportsPKCE());
assert.ok(metadata.backchannel_logout_supported && metadata.authorization_response_iss_parameter_supported);
held("discovery");

const browser = new Browser();
let asked = await request(config);
let page = await signIn(browser, await browser.go(asked.url));
let back = await decide(browser, page, "decline");
let error = await refused(oidc.authorizationCodeGrant(config, back.url, asked.checks));
assert.ok(error instanceof oidc.AuthorizationResponseError);
assert.equal(error.error, "access_denied");
held("a declined consent is access_denied");

asked = await request(config, { max_age: "600" });
back = await decide(browser, await browser.go(asked.url), "agree");
const tokens = await oidc.authorizationCodeGrant(config, back.url, { ...asked.checks, maxAge: 600 });
const claims = tokens.claims();
assert.equal(tokens.token_type, "bearer");
assert.ok(claims.sid && claims.at_hash && claims.auth_time);
held("authorization code with PKCE, state, nonce, iss, max_age, at_hash and a verified signature, client_secret_basic");

const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
assert.deepEqual(Object.keys(info).sort(), ["name", "sub", "unit_name"]);
held("userinfo of the same subject: name and unit, no number");

const byPost = await connect(oidc.ClientSecretPost);
asked = await request(byPost);
back = await browser.go(asked.url);
const second = await oidc.authorizationCodeGrant(byPost, back.url, asked.checks);
assert.equal(second.claims().sub, claims.sub);
held("agreed once is not asked again, client_secret_post");

error = await refused(oidc.authorizationCodeGrant(byPost, back.url, asked.checks));
assert.deepEqual([error.error, error.status], ["invalid_grant", 400]);
error = await refused(oidc.fetchUserInfo(byPost, second.access_token, claims.sub));
assert.ok(error instanceof oidc.WWWAuthenticateChallengeError);
assert.equal(error.status, 401);
assert.equal(error.cause[0].parameters.error, "invalid_token");
held("a code used twice is invalid_grant and its tokens end");

for (const [rule, change, url] of [
  ["a changed state", { expectedState: "other" }, (u) => u],
  ["a changed iss", {}, (u) => new URL(u.href.replace(/iss=[^&]*/, "iss=http%3A%2F%2F127.0.0.1%3A9"))],
  ["another nonce", { expectedNonce: "other" }, (u) => u],
]) {
  asked = await request(config);
  back = await browser.go(asked.url);
  await refused(oidc.authorizationCodeGrant(config, url(back.url), { ...asked.checks, ...change }));
  held(`${rule} is refused by the client`);
}

asked = await request(config);
back = await browser.go(asked.url);
error = await refused(oidc.authorizationCodeGrant(config, back.url, { ...asked.checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }));
assert.equal(error.error, "invalid_grant");
held("another verifier is invalid_grant");

const stranger = await connect(oidc.ClientSecretPost, "wrong");
asked = await request(stranger);
back = await browser.go(asked.url);
error = await refused(oidc.authorizationCodeGrant(stranger, back.url, asked.checks));
assert.equal(error.status, 401);
held("a wrong secret is refused with 401");

asked = await request(config, { prompt: "none" });
error = await refused(oidc.authorizationCodeGrant(config, (await new Browser().go(asked.url)).url, asked.checks));
assert.equal(error.error, "login_required");
held("prompt=none without a session is login_required");

await ask("rotate the keys and wait for 601 seconds");
shift += 601_000;
asked = await request(config);
const third = await oidc.authorizationCodeGrant(config, (await browser.go(asked.url)).url, asked.checks);
assert.notEqual(decodeProtectedHeader(third.id_token).kid, decodeProtectedHeader(tokens.id_token).kid);
held("a new key signs when clients have had time to read it");

const bye = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${own}/bye`, state: "s1" });
back = await browser.go(bye);
assert.equal(back.url.href, `${own}/bye?state=s1`);
held("RP-initiated logout by a token of the key before, back to the registered address with state");

if (told.length === 0) await new Promise((done) => (hear = done));
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
const { payload } = await jwtVerify(told[0], keys, {
  issuer: ISSUER, audience: CLIENT_ID, typ: "logout+jwt", algorithms: ["RS256"],
  currentDate: new Date(Date.now()), clockTolerance: 30, requiredClaims: ["iat", "exp", "jti"],
});
assert.deepEqual([payload.sub, payload.sid, payload.nonce], [claims.sub, decodeJwt(tokens.id_token).sid, undefined]);
assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} });
held("back-channel logout with a verified token of the same session");

error = await refused(oidc.fetchUserInfo(config, third.access_token, claims.sub));
assert.equal(error.status, 401);
page = await browser.go((await request(config)).url);
assert.equal(page.url.pathname, "/sign-in");
held("after it the tokens have ended and the next sign-in asks for the password");

server.close();
server.closeAllConnections();
lines.return?.();
process.exit(0);
