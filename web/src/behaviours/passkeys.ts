// Passkeys: made on the account's page, used at the door. Bytes travel in URL-safe base64.
import { bindEach, one } from "../lib/dom";
import { call } from "../lib/http";

type Options = Record<string, unknown> & { challenge: string };
interface Named {
  id: string;
  type: "public-key";
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function named(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list ?? []) as Named[]).map((k) => ({ type: k.type, id: bytes(k.id) }));
}

async function use(options: Options): Promise<Record<string, string>> {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options["allowCredentials"]) };
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const answer = credential.response as AuthenticatorAssertionResponse;
  return {
    id: text(credential.rawId),
    client_data: text(answer.clientDataJSON),
    authenticator_data: text(answer.authenticatorData),
    signature: text(answer.signature),
  };
}

async function make(options: Options, label: string): Promise<Record<string, unknown>> {
  const user = options["user"] as { id: string; name: string; displayName: string };
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: named(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const answer = credential.response as AuthenticatorAttestationResponse;
  return {
    id: text(credential.rawId),
    client_data: text(answer.clientDataJSON),
    authenticator_data: text(answer.getAuthenticatorData()),
    public_key: text(answer.getPublicKey() ?? new ArrayBuffer(0)),
    algorithm: answer.getPublicKeyAlgorithm(),
    label,
  };
}

const given = "没有完成通行密钥验证，请重试，或使用密码登录。";

function say(root: ParentNode, words: string): void {
  const line = one("[data-passkey-said]", root);
  if (line) line.textContent = words;
}

const signIn = bindEach("[data-passkey-sign-in]", (box) => {
  const button = one<HTMLButtonElement>("button", box);
  if (!button || !window.PublicKeyCredential) return;
  box.hidden = false;
  button.addEventListener("click", async () => {
    say(box, "");
    try {
      const asked = await call<Options>("POST", "/api/v1/passkey-challenges");
      if (asked.kind !== "ok") return say(box, asked.kind === "problem" ? asked.problem.title : given);
      const answer = await call("POST", "/sign-in/passkey", await use(asked.body));
      if (answer.kind === "problem") return say(box, answer.problem.title);
      if (answer.kind === "ok") location.assign(one<HTMLInputElement>('input[name="next"]')?.value || "/");
    } catch {
      say(box, given);
    }
  });
});

/** After the right password: the form waits for the passkey before it goes out. */
const secondFactor = bindEach("[data-passkey-ask]", (box) => {
  const form = box.closest("form");
  const field = one<HTMLInputElement>('input[name="passkey"]', box);
  if (!form || !field || !window.PublicKeyCredential) return;
  form.addEventListener("submit", (event) => {
    const code = one<HTMLInputElement>('input[name="code"]', form);
    if (field.value || code?.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void use(JSON.parse(box.dataset["passkeyAsk"] ?? "{}") as Options)
      .then((answer) => {
        field.value = JSON.stringify(answer);
        form.requestSubmit();
      })
      .catch(() => say(box, given));
  });
});

const create = bindEach("[data-passkey-new]", (element) => {
  const form = element as HTMLFormElement;
  say(form, "");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = (name: string): string => one<HTMLInputElement>(`input[name="${name}"]`, form)?.value ?? "";
    try {
      const offered = await call<Options>("POST", "/api/v1/me/passkeys/offer", { current_password: value("current_password") || null });
      if (offered.kind === "problem") return say(form, offered.problem.errors[0]?.message ?? offered.problem.title);
      if (offered.kind !== "ok") return say(form, given);
      const answer = await call("POST", "/api/v1/me/passkeys", await make(offered.body, value("label")));
      if (answer.kind === "problem") return say(form, answer.problem.title);
      location.reload();
    } catch {
      say(form, "没有完成，请重试。");
    }
  });
});

export const passkeys = [signIn, secondFactor, create];
