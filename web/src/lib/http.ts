// JSON calls to our own API, and its problem documents (RFC 9457).

export interface Problem {
  status: number;
  code: string;
  title: string;
  errors: { field: string; code: string; message: string }[];
  retryAfter: number | null;
  /** The whole document, for members of one problem only. */
  document: Record<string, unknown>;
}

export type Answer<T> =
  | { kind: "ok"; body: T }
  | { kind: "problem"; problem: Problem }
  | { kind: "offline" };

export const offlineText = "网络中断，请检查网络后重试。";

function token(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

async function problemOf(response: Response): Promise<Problem> {
  const document = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const body = document as Partial<Problem>;
  const after = Number(response.headers.get("Retry-After"));
  return {
    status: response.status,
    code: body.code ?? "",
    title: body.title ?? "操作没有完成，请稍后重试。",
    errors: Array.isArray(body.errors) ? body.errors : [],
    retryAfter: after > 0 ? after : null,
    document,
  };
}

export interface CallOptions {
  keepalive?: boolean;
  timeout?: number;
  /** A background call, which is no operation of the person. */
  background?: boolean;
}

export async function call<T>(method: string, url: string, body?: unknown, options: CallOptions = {}): Promise<Answer<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), options.timeout ?? 15_000);
  try {
    const headers: Record<string, string> = { Accept: "application/json", "X-CSRF-Token": token() };
    const init: RequestInit = { method, headers, credentials: "same-origin", signal: abort.signal, keepalive: options.keepalive ?? false };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    const response = await fetch(url, init);
    if (!options.background) document.dispatchEvent(new CustomEvent("xueshi:operation"));
    if (!response.ok) return { kind: "problem", problem: await problemOf(response) };
    const text = await response.text();
    return { kind: "ok", body: (text ? JSON.parse(text) : null) as T };
  } catch {
    return { kind: "offline" };
  } finally {
    clearTimeout(timer);
  }
}
