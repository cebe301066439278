// What the browser keeps of a person, sealed with a key that the server gives to this person alone and named by a hash:
// the next one at a shared computer sees nothing. A browser without room, in private mode or without a safe origin keeps
// nothing, and says nothing of it.
import { call } from "./http";

interface Box {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
  at: number;
}

const store = "notes";

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("xueshi", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(store);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function run<T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await database();
  return new Promise<T>((resolve, reject) => {
    const asked = act(db.transaction(store, mode).objectStore(store));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  }).finally(() => db.close());
}

async function hash(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

export class SealedStore {
  private key: CryptoKey | null = null;
  private secret = "";

  constructor(private readonly keyAddress: string) {}

  /** Gets the key; false where nothing can be kept. */
  async open(): Promise<boolean> {
    if (this.key) return true;
    if (!globalThis.crypto?.subtle || !globalThis.indexedDB) return false;
    const answer = await call<{ key: string }>("GET", this.keyAddress, undefined, { background: true, timeout: 20_000 });
    if (answer.kind !== "ok") return false;
    this.secret = answer.body.key;
    this.key = await crypto.subtle.importKey("raw", await hash(this.secret), "AES-GCM", false, ["encrypt", "decrypt"]);
    return true;
  }

  private async name(topic: string): Promise<string> {
    return [...new Uint8Array(await hash(`${this.secret}/${topic}`))].map((b) => b.toString(16).padStart(2, "0")).join("");
  }

  async put(topic: string, value: unknown): Promise<void> {
    try {
      if (!this.key) return;
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.key, new TextEncoder().encode(JSON.stringify(value)));
      const name = await this.name(topic);
      await run("readwrite", (s) => s.put({ iv, data, at: Date.now() } satisfies Box, name));
    } catch {
      // Nothing is kept; the page goes on.
    }
  }

  async get<T>(topic: string): Promise<T | null> {
    try {
      if (!this.key) return null;
      const name = await this.name(topic);
      const box = (await run<unknown>("readonly", (s) => s.get(name))) as Box | undefined;
      if (!box) return null;
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: box.iv }, this.key, box.data);
      return JSON.parse(new TextDecoder().decode(plain)) as T;
    } catch {
      return null;
    }
  }

  async drop(topic: string): Promise<void> {
    try {
      if (!this.key) return;
      const name = await this.name(topic);
      await run("readwrite", (s) => s.delete(name));
    } catch {
      // It was not there.
    }
  }
}
