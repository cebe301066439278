#!/usr/bin/env python3
"""Checks an inspection package without network, database or further packages: python3 verify.py
The manifest's signature, files against MANIFEST.json and it against the files, every ledger against its proofs, every person's chain of entries, every
proof up to a checkpoint, and the checkpoints' signatures. Compare the keys that it prints with the published ones."""
import base64, hashlib, json, os, sys

here = os.path.dirname(os.path.abspath(__file__))
sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()

# Ed25519 (RFC 8032), verification only.
P, D = 2**255 - 19, 0
D = -121665 * pow(121666, P - 2, P) % P
L = 2**252 + 27742317777372353535851937790883648493
def recover(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P: x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P: return None
    return P - x if x & 1 != sign else x
def add(a, b):
    s = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + b[0] * a[1]) * pow(1 + s, P - 2, P) % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - s, P - 2, P) % P)
def times(n, point):
    out = (0, 1)
    while n:
        if n & 1: out = add(out, point)
        point, n = add(point, point), n >> 1
    return out
def read_point(raw):
    y = int.from_bytes(raw, "little")
    x = recover(y & (2**255 - 1), y >> 255)
    return None if x is None else (x, y & (2**255 - 1))
BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover(BASE_Y, 0), BASE_Y)
def signed(key, content, signature):
    a, r = read_point(key), read_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L: return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + content).digest(), "little") % L
    return times(s, BASE) == add(r, times(h, a))

def unbase(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

ORDER = ["prev_hash", "id", "person", "seq", "year", "at", "kind", "source", "source_key", "title", "subject", "hours", "facts",
         "evidence", "decided_by", "policy", "reverses"]
def entry_hash(e):
    return hashlib.sha256(json.dumps([e[k] for k in ORDER], ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()

def climb(leaf, place, size, path):
    if size == 1: return leaf
    half = 1
    while half * 2 < size: half *= 2
    beside, rest = bytes.fromhex(path[-1]), path[:-1]
    if place < half: return sha(b"\x01", climb(leaf, place, half, rest), beside)
    return sha(b"\x01", beside, climb(leaf, place - half, size - half, rest))

def read(name):
    with open(os.path.join(here, name), encoding="utf-8") as f: return json.load(f)

def check_proof(name):
    proof = read(name)
    before = None
    for e in proof["entries"]:
        if entry_hash(e) != e["hash"]: return "an entry was changed"
        if before and (before["hash"] != e["prev_hash"] or before["seq"] + 1 != e["seq"]): return "entries do not follow one another"
        before = e
    way = proof["path"]
    leaf = sha(b"\x00", f'{before["person"]}\n{before["seq"]}\n{before["hash"]}'.encode())
    bucket = climb(leaf, way["place"], way["size"], way["hashes"])
    root = climb(sha(b"\x00", bucket), int(before["person"][-2:], 16), 256, way["upper"])
    if json.loads(proof["checkpoint"])["root"] != root.hex(): return "the way does not lead to the checkpoint's root"
    if not signed(unbase(proof["public_key"]), proof["checkpoint"].encode(), unbase(proof["signature"])): return "the signature does not hold"
    return None

def check_ledger(name, names):
    """Answers what is wrong, and how many entries have no proof yet."""
    faults, open_entries, folder = [], 0, name[:-len("ledger.json")]
    for e in read(name)["items"]:
        proof = f'{folder}proofs/{e["id"]}.json'
        if entry_hash(e) != e["hash"]: faults.append(f'{name}: entry {e["id"]} was changed')
        elif proof not in names: open_entries += 1
        elif e["hash"] not in [p["hash"] for p in read(proof)["entries"]]: faults.append(f'{name}: entry {e["id"]} is not the proven one')
    return faults, open_entries

def check_seal():
    """Answers what is wrong with the manifest's signature, and the key that it names."""
    try:
        seal = read("MANIFEST.sig.json")
        with open(os.path.join(here, "MANIFEST.json"), "rb") as f: manifest = f.read()
        key = unbase(seal["public_key"])
        if signed(key, manifest, unbase(seal["signature"])): return [], key
        return ["MANIFEST.json: the signature does not hold"], key
    except (OSError, ValueError, KeyError): return ["MANIFEST.sig.json: missing or not readable"], None

def main():
    manifest = read("MANIFEST.json")
    names = manifest["files"]
    faults, key = check_seal()
    for folder, _, found in os.walk(here):
        for one in found:
            name = os.path.relpath(os.path.join(folder, one), here).replace(os.sep, "/")
            if name not in ("MANIFEST.json", "MANIFEST.sig.json") and name not in names: faults.append(f"{name}: not in the manifest")
    for name, digest in names.items():
        path = os.path.join(here, name)
        if not os.path.exists(path): faults.append(f"{name}: missing"); continue
        with open(path, "rb") as f:
            if hashlib.sha256(f.read()).hexdigest() != digest: faults.append(f"{name}: changed")
    proofs, unproven = [n for n in names if "/proofs/" in n and os.path.exists(os.path.join(here, n))], 0
    for name in proofs:
        fault = check_proof(name)
        if fault: faults.append(f"{name}: {fault}")
    for name in [n for n in names if n.endswith("/ledger.json") and os.path.exists(os.path.join(here, n))]:
        found, open_entries = check_ledger(name, proofs)
        faults, unproven = faults + found, unproven + open_entries
    keys = sorted({hashlib.sha256(unbase(read(n)["public_key"])).hexdigest() for n in proofs} | {hashlib.sha256(key or b"").hexdigest()})
    for fault in faults: print(fault)
    print(f'{len(names)} files, {len(proofs)} proofs, {unproven} entries newer than the last checkpoint, signed with {", ".join(keys)}: '
          f'{"FAULTS" if faults else "whole"}')
    sys.exit(1 if faults else 0)

main()
