//! The package itself: one folder a person and year; every file's hash in the manifest.
use std::{
    collections::BTreeMap,
    io::{Cursor, Write},
};

use base::{Actor, Error, Result, Year, day, name, person::Code};
use claims::CaseFile;
use files::Content;
use hours::{Standing, Written, checkpoint};
use org::Person;
use serde_json::{Value, json};
use site::{Site, Visitor};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    INSPECTORS,
    choose::{self, Wanted},
    masking,
};

const VERIFIER: &str = include_str!("../documents/verify.py");
/// At most so many entries are proven in one package.
const MOST_ENTRIES: usize = 2_000;

type Files = BTreeMap<String, Vec<u8>>;

/// Makes a package and records who took it, for what purpose, about whom. In clear it wants the password fresh (security
/// item 50).
pub(crate) async fn make(
    site: &Site,
    visitor: &Visitor,
    wanted: &Wanted,
    password: Option<&str>,
) -> Result<Vec<u8>> {
    let people = choose::people(site, &visitor.actor, wanted).await?;
    if wanted.is_clear {
        accounts::fresh(site, visitor, password).await?;
    }
    let mut files = Files::new();
    let mut index = vec![];
    let mut entries = 0;
    for (n, person) in (1..).zip(&people) {
        for year in &wanted.years {
            let folder = format!("people/{n:03}/{year}");
            let line = of_year(site, (person, *year), wanted.is_clear, (&folder, &mut files)).await?;
            entries += line.get("entries").and_then(Value::as_u64).unwrap_or(0);
            index.push(line);
        }
        if entries > MOST_ENTRIES as u64 {
            return Err(Error::conflict("inspection_large"));
        }
    }
    put(
        &mut files,
        "index.json",
        &json!({"purpose": wanted.purpose.trim(), "made_at": day::rfc3339(site.now()), "masked": !wanted.is_clear,
        "stand_ins": (!wanted.is_clear).then_some(masking::STAND_INS),
        "sample": wanted.sample.as_ref().map(|s| json!({"unit": s.unit, "size": s.size, "seed": s.seed,
            "algorithm": "SHA-256(seed, line break, person id), the smallest"})), "items": index}),
    )?;
    put(&mut files, "checkpoints.json", &json!({"items": checkpoint::recent(site, 31).await?}))?;
    files.insert("verify.py".to_owned(), VERIFIER.as_bytes().to_vec());
    files.insert(
        "README.txt".to_owned(),
        site.texts.get("inspection-readme").replace("\\n", "\n").into_bytes(),
    );
    let hashes: BTreeMap<&String, String> =
        files.iter().map(|(name, bytes)| (name, secrets::sha256_hex(bytes))).collect();
    let key = site.keys.public_key();
    let manifest = json!({"files": hashes, "public_key": secrets::base64url(&key), "fingerprint": secrets::sha256_hex(&key)});
    put(&mut files, "MANIFEST.json", &manifest)?;
    let sealed = seal(site, &mut files)?;
    record(site, &visitor.actor, wanted, (&people, &sealed)).await?;
    tokio::task::spawn_blocking(move || zipped(&files)).await.map_err(Error::internal)?
}

/// Signs the manifest: without it a hand that puts hashes right could leave out an entry with its proof, or a person.
/// Answers the manifest's hash, by which the record of who took a package knows it again.
fn seal(site: &Site, files: &mut Files) -> Result<String> {
    let manifest =
        files.get("MANIFEST.json").ok_or_else(|| Error::internal("a package without a manifest"))?;
    let (hash, signature) = (secrets::sha256_hex(manifest), site.keys.sign(manifest));
    let seal = json!({"public_key": secrets::base64url(&site.keys.public_key()), "key_id": signature.key_id,
        "signature": signature.value});
    put(files, "MANIFEST.sig.json", &seal)?;
    Ok(hash)
}

fn put(files: &mut Files, name: &str, value: &Value) -> Result<()> {
    files.insert(name.to_owned(), serde_json::to_vec_pretty(value).map_err(Error::internal)?);
    Ok(())
}

async fn of_year(
    site: &Site,
    (person, year): (&Person, Year),
    is_clear: bool,
    (folder, files): (&str, &mut Files),
) -> Result<Value> {
    let name = if is_clear { person.name.clone() } else { name::masked(&person.name) };
    let about = json!({"folder": folder, "person": person.id, "name": name, "id_number": person.id_number_masked,
        "unit": person.unit_name, "department": person.department, "year": year});
    let standing = match hours::standing(&site.db, person.id, year).await {
        Ok(standing) => standing,
        Err(e) if matches!(e.code(), "profile_incomplete" | "policy_not_published") => {
            return Ok(with(about, &json!({"entries": 0, "unknown": e.code()})));
        }
        Err(e) => return Err(e),
    };
    ledger(site, &standing, is_clear, (folder, files)).await?;
    let cases = claims::dossier(&site.db, person.id, year).await?;
    let mut shown = vec![];
    for case in &cases {
        let mut value = serde_json::to_value(case).map_err(Error::internal)?;
        if !is_clear {
            masking::case(&mut value);
        }
        shown.push(value);
    }
    if is_clear {
        originals(site, &cases, (folder, files)).await?;
    }
    put(files, &format!("{folder}/decisions.json"), &json!({"items": shown}))?;
    let a = &standing.assessment;
    Ok(with(
        about,
        &json!({"entries": standing.entries.len(), "cases": cases.len(), "obliged": a.obliged,
        "satisfied": a.satisfied, "total": a.earned.total, "policy": standing.policy_version}),
    ))
}

/// The evidence of claims. Of a file whose time was over, or that is not known to be clean, a note stands in its place, so
/// that it stops no package.
async fn originals(site: &Site, cases: &[CaseFile], (folder, files): (&str, &mut Files)) -> Result<()> {
    let claimed: Vec<_> = cases.iter().filter(|c| c.kind == "claim").flat_map(|c| &c.files).collect();
    for file in claimed {
        let content = files::content(site, &file.id).await?;
        let name = |ending: &str| format!("{folder}/evidence/{}.{ending}", file.sha256);
        let note = |state: &str| json!({"file": file.id, "sha256": file.sha256, "state": state});
        match content {
            Content::Kept(kind, bytes) => {
                files.insert(name(&kind.code()), bytes);
            }
            Content::Removed(removed) => {
                let why = serde_json::to_value(&removed).map_err(Error::internal)?;
                put(files, &name("removed.json"), &with(note("removed"), &why))?;
            }
            Content::Doubtful(code) => {
                let why = json!({"said": site.texts.get(&format!("error-{code}"))});
                put(files, &name("withheld.json"), &with(note(code), &why))?;
            }
        }
    }
    Ok(())
}

fn with(mut about: Value, more: &Value) -> Value {
    if let (Some(to), Some(from)) = (about.as_object_mut(), more.as_object()) {
        to.extend(from.clone());
    }
    about
}

/// The year's entries as written, their proofs, the record and what it comes to.
async fn ledger(
    site: &Site,
    standing: &Standing,
    is_clear: bool,
    (folder, files): (&str, &mut Files),
) -> Result<()> {
    let entries: Vec<Written> = standing.entries.iter().map(Written::from).collect();
    put(files, &format!("{folder}/ledger.json"), &json!({"items": entries}))?;
    let mut record = standing.record.clone();
    if !is_clear {
        record = masking::record(record, &standing.assessment);
    }
    // On one line, as `xueshi assess` reads it.
    files.insert(format!("{folder}/record.json"), format!("{record}\n").into_bytes());
    let assessment = serde_json::to_value(&standing.assessment).map_err(Error::internal)?;
    put(files, &format!("{folder}/assessment.json"), &assessment)?;
    for entry in &standing.entries {
        match checkpoint::prove(site, standing.person.id, entry.id).await {
            Ok(proof) => {
                let value = serde_json::to_value(&proof).map_err(Error::internal)?;
                put(files, &format!("{folder}/proofs/{}.json", entry.id), &value)?;
            }
            // Written after the last checkpoint: the next package has its proof.
            Err(e) if e.code() == "not_checkpointed_yet" => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

async fn record(
    site: &Site,
    actor: &Actor,
    wanted: &Wanted,
    (people, manifest): (&[Person], &str),
) -> Result<()> {
    let scope = actor.scope(INSPECTORS);
    let ids: Vec<String> = people.iter().map(|p| p.id.to_string()).collect();
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "inspection.package",
        object: "",
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"purpose": wanted.purpose.trim(), "people": ids, "years": wanted.years, "clear": wanted.is_clear,
            "manifest_sha256": manifest}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

fn zipped(files: &Files) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).map_err(Error::internal)?;
        zip.write_all(bytes).map_err(Error::internal)?;
    }
    Ok(zip.finish().map_err(Error::internal)?.into_inner())
}
