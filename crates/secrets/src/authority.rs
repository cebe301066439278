//! The local certification authority for documents: its key and the sealing key in files of mode 0600, their
//! certificates beside them. `xueshi admin create-ca` makes it; development makes it on first use.
use std::{
    fs, io,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    str::FromStr,
};

use base::{Error, Instant, Random, Result, random};
use p256::{ecdsa::DerSignature, pkcs8::LineEnding};
use x509_cert::{
    Certificate, TbsCertificate,
    builder::{Builder, CertificateBuilder, profile::BuilderProfile},
    der::{Encode, EncodePem},
    ext::{
        Extension, ToExtension,
        pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier},
    },
    name::Name,
    serial_number::SerialNumber,
    spki::SubjectPublicKeyInfoRef,
    time::{Time, Validity},
};

use crate::{
    SealKey, Suite,
    suite::{Sm2Signature, SuiteKey},
};

const CA_YEARS: i64 = 20;
const SEAL_YEARS: i64 = 10;
const YEAR_SECONDS: i64 = 366 * 86_400;

/// The sealing key in a file, with its chain.
pub struct FileSealKey {
    key: SuiteKey,
    certificates: Vec<Vec<u8>>,
}

impl SealKey for FileSealKey {
    fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    fn suite(&self) -> Suite {
        self.key.suite()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.key.sign(message)
    }
}

/// Where the files are.
struct Files {
    ca_key: PathBuf,
    ca: PathBuf,
    seal_key: PathBuf,
    seal: PathBuf,
}

impl Files {
    fn of(folder: &Path) -> Self {
        let file = |name: &str| folder.join(name);
        Self {
            ca_key: file("document-ca.key"),
            ca: file("document-ca.pem"),
            seal_key: file("document-seal.key"),
            seal: file("document-seal.pem"),
        }
    }
}

/// Makes authority and sealing key for an organisation, of one suite; refuses where there is one already.
pub fn create(
    folder: &Path,
    (organisation, suite): (&str, Suite),
    now: Instant,
    random: &dyn Random,
) -> Result<()> {
    let files = Files::of(folder);
    if files.ca.exists() || files.seal.exists() {
        return Err(Error::conflict("ca_exists"));
    }
    fs::create_dir_all(folder).map_err(Error::internal)?;
    let (ca_key, seal_key) = (suite.draw(random)?, suite.draw(random)?);
    let organisation = escaped(organisation);
    let named = |what: &str| {
        Name::from_str(&format!("CN={organisation} {what},O={organisation},C=CN")).map_err(Error::internal)
    };
    let issuer = named("Document CA")?;
    let ca =
        certificate(Profile::Authority, (&issuer, &issuer), (&ca_key, &ca_key), (now, CA_YEARS), random)?;
    let subject = named("Document Seal")?;
    let seal =
        certificate(Profile::Seal, (&subject, &issuer), (&seal_key, &ca_key), (now, SEAL_YEARS), random)?;
    for (path, key) in [(&files.ca_key, &ca_key), (&files.seal_key, &seal_key)] {
        write(path, key.to_pem()?.as_bytes(), 0o600).map_err(Error::internal)?;
    }
    for (path, certificate) in [(&files.ca, &ca), (&files.seal, &seal)] {
        let pem = certificate.to_pem(LineEnding::LF).map_err(Error::internal)?;
        write(path, pem.as_bytes(), 0o644).map_err(Error::internal)?;
    }
    Ok(())
}

/// Opens the sealing key; `None` where no authority was made yet.
pub fn open(folder: &Path) -> Result<Option<FileSealKey>> {
    let files = Files::of(folder);
    if !files.seal_key.exists() || !files.ca.exists() {
        return Ok(None);
    }
    let mode = fs::metadata(&files.seal_key).map_err(Error::internal)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::internal(format!(
            "{} may be read by others: chmod 600",
            files.seal_key.display()
        )));
    }
    let text = fs::read_to_string(&files.seal_key).map_err(Error::internal)?;
    let key = SuiteKey::from_pem(&text)?;
    let der = |path: &Path| -> Result<Vec<u8>> {
        let pem = fs::read(path).map_err(Error::internal)?;
        let read = Certificate::load_pem_chain(&pem).map_err(Error::internal)?;
        let first =
            read.first().ok_or_else(|| Error::internal("a certificate file without a certificate"))?;
        first.to_der().map_err(Error::internal)
    };
    Ok(Some(FileSealKey { key, certificates: vec![der(&files.seal)?, der(&files.ca)?] }))
}

/// The authority's certificate as PEM, for those who are to trust it.
pub fn ca_pem(folder: &Path) -> Result<String> {
    fs::read_to_string(Files::of(folder).ca).map_err(Error::internal)
}

/// As RFC 4514 writes a value.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars().filter(|c| !c.is_control()) {
        if ",+\"\\<>;=#".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[derive(Clone, Copy)]
enum Profile {
    Authority,
    Seal,
}

struct Named {
    profile: Profile,
    subject: Name,
    issuer: Name,
}

impl BuilderProfile for Named {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        own: SubjectPublicKeyInfoRef<'_>,
        issuer: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> Result<Vec<Extension>, x509_cert::builder::Error> {
        let (ca, path_len_constraint, usages) = match self.profile {
            Profile::Authority => (true, Some(0), KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            Profile::Seal => (false, None, KeyUsages::DigitalSignature | KeyUsages::NonRepudiation),
        };
        let above = SubjectKeyIdentifier::try_from(issuer)?;
        let mut all = vec![];
        let subject = tbs.subject();
        let above = AuthorityKeyIdentifier { key_identifier: Some(above.0), ..Default::default() };
        all.push(above.to_extension(subject, &all)?);
        all.push(BasicConstraints { ca, path_len_constraint }.to_extension(subject, &all)?);
        all.push(KeyUsage(usages).to_extension(subject, &all)?);
        all.push(SubjectKeyIdentifier::try_from(own)?.to_extension(subject, &all)?);
        Ok(all)
    }
}

fn certificate(
    profile: Profile,
    (subject, issuer): (&Name, &Name),
    (key, signer): (&SuiteKey, &SuiteKey),
    (now, years): (Instant, i64),
    random: &dyn Random,
) -> Result<Certificate> {
    let at = |seconds: i64| -> Result<Time> {
        let since = std::time::Duration::from_secs(u64::try_from(seconds).map_err(Error::internal)?);
        let date = x509_cert::der::DateTime::from_unix_duration(since).map_err(Error::internal)?;
        Ok(Time::from(date))
    };
    let begin = now.as_second();
    let validity = Validity::new(at(begin - 3600)?, at(begin + years * YEAR_SECONDS)?);
    let mut serial: [u8; 16] = random::bytes(random);
    serial[0] = serial[0] & 0x7F | 0x40;
    let serial = SerialNumber::new(&serial).map_err(Error::internal)?;
    let named = Named { profile, subject: subject.clone(), issuer: issuer.clone() };
    let builder = CertificateBuilder::new(named, serial, validity, key.public()?).map_err(Error::internal)?;
    match signer {
        SuiteKey::P256(signer) => builder.build::<_, DerSignature>(signer).map_err(Error::internal),
        SuiteKey::Sm2(signer) => builder.build::<_, Sm2Signature>(signer).map_err(Error::internal),
    }
}

fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?.write_all(content)
}

#[cfg(test)]
mod tests {
    use base::SystemRandom;
    use x509_cert::der::Decode;

    use super::*;

    #[test]
    fn a_document_is_signed_in_the_national_suite_under_a_chain_that_openssl_takes() {
        let folder = std::env::temp_dir().join(crate::fresh_token(&SystemRandom));
        let now = base::day::from_millis(1_795_000_000_000);
        create(&folder, ("Xueshi", Suite::Sm2Sm3), now, &SystemRandom).unwrap();
        let key = open(&folder).unwrap().unwrap();
        assert_eq!(key.suite(), Suite::Sm2Sm3);
        let digest = key.suite().digest(&[b"document"]);
        let signature = crate::detached_signature(&key, &digest).unwrap();
        assert_eq!(signature, crate::detached_signature(&key, &digest).unwrap());
        // 1.2.156.10197.1.501 and 401 stand in it.
        for oid in [
            &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x75][..],
            &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x11],
        ] {
            assert!(signature.windows(oid.len()).any(|w| w == oid));
        }
        let verified = std::process::Command::new("openssl")
            .args(["verify", "-CAfile", "document-ca.pem", "-attime", "1795000100"])
            .args(["-vfyopt", "distid:1234567812345678", "document-seal.pem"])
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_authority_is_made_once_and_its_keys_are_the_owners_alone() {
        let folder = std::env::temp_dir().join(crate::fresh_token(&SystemRandom));
        let now = base::day::from_millis(1_795_000_000_000);
        assert!(open(&folder).unwrap().is_none());
        create(&folder, ("湖南省人社厅, 演示", Suite::default()), now, &SystemRandom).unwrap();
        assert!(create(&folder, ("x", Suite::default()), now, &SystemRandom).is_err());
        let key = open(&folder).unwrap().unwrap();
        assert_eq!(key.certificates().len(), 2);
        let seal = Certificate::from_der(&key.certificates()[0]).unwrap();
        let ca = Certificate::from_der(&key.certificates()[1]).unwrap();
        assert_eq!(seal.tbs_certificate().issuer(), ca.tbs_certificate().subject());
        for name in ["document-ca.key", "document-seal.key"] {
            let file = folder.join(name);
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::set_permissions(folder.join("document-seal.key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(open(&folder).is_err(), "a key that others may read");
        fs::remove_dir_all(folder).unwrap();
    }
}
