// A note of how far the lecture was watched, kept in the browser every few seconds, so that a crash or a dead battery
// costs seconds only. It is sealed with a key that the server gives to this person: the next one at a shared computer
// sees nothing.
import { call } from "../lib/http";
import type { Issued } from "./lease";
import type { OfflineBeat } from "./types";

export interface Note {
  session: string;
  seq: number;
  position: number;
  /** What was done without a network, under which lease. */
  lease?: Issued;
  beats?: OfflineBeat[];
}

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
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

export class Notes {
  private key: CryptoKey | null = null;
  /** Names the record without saying which lecture it is. */
  private name = "";

  constructor(private readonly lecture: string) {}

  /** Gets the key; without one, or without a safe origin, nothing is kept. */
  private async open(): Promise<boolean> {
    if (this.key) return true;
    if (!globalThis.crypto?.subtle || !globalThis.indexedDB) return false;
    const answer = await call<{ key: string }>("GET", "/api/v1/me/note-key", undefined, { background: true, timeout: 5_000 });
    if (answer.kind !== "ok") return false;
    const { key } = answer.body;
    this.key = await crypto.subtle.importKey("raw", await hash(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    this.name = [...new Uint8Array(await hash(`${key}/${this.lecture}`))].map((b) => b.toString(16).padStart(2, "0")).join("");
    return true;
  }

  async write(note: Note): Promise<void> {
    try {
      if (!this.key) return;
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.key, new TextEncoder().encode(JSON.stringify(note)));
      await run("readwrite", (s) => s.put({ iv, data } satisfies Sealed, this.name));
    } catch {
      // A browser without room or in private mode keeps nothing; the reports go on.
    }
  }

  /** The last note of this person on this lecture, which is then gone. */
  async take(): Promise<Note | null> {
    try {
      if (!(await this.open()) || !this.key) return null;
      const sealed = (await run<unknown>("readonly", (s) => s.get(this.name))) as Sealed | undefined;
      if (!sealed) return null;
      await run("readwrite", (s) => s.delete(this.name));
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, this.key, sealed.data);
      return JSON.parse(new TextDecoder().decode(plain)) as Note;
    } catch {
      return null;
    }
  }
}
