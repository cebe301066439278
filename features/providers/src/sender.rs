//! The provider behind a signed request, for the slices that take something from providers.
use base::{PersonId, Result};
use db::Conn;

use crate::{
    provider::{Provider, ProviderId},
    signed::FromProvider,
    standing::Standing,
    store,
};

/// Who sent a signed request.
#[derive(Clone, Debug)]
pub struct Sender {
    id: ProviderId,
    /// Its short name.
    pub name: String,
    /// Whether what it sends counts.
    pub counts: Counts,
}

/// Whether what a provider sends counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// It does.
    Yes,
    /// The provider is only trying: look at it as if it counted, and keep nothing.
    Trial,
    /// The provider is suspended: it sends again when it is resumed.
    Later,
}

impl Counts {
    /// Why nothing is kept, as answers say it.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Yes => None,
            Self::Trial => Some("sandbox"),
            Self::Later => Some("provider_suspended"),
        }
    }
}

impl Sender {
    /// Its id, as other tables keep it.
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    /// The person whom the provider knows under a subject id.
    pub async fn person(&self, conn: &impl Conn, subject: &str) -> Result<Option<PersonId>> {
        store::person_of(conn, self.id, subject).await
    }
}

impl From<&Provider> for Sender {
    fn from(p: &Provider) -> Self {
        let counts = match p.standing {
            Standing::Live => Counts::Yes,
            Standing::Sandbox | Standing::Asking => Counts::Trial,
            Standing::Suspended | Standing::Applied | Standing::Refused => Counts::Later,
        };
        Self { id: p.id, name: p.name.clone(), counts }
    }
}

impl<T> FromProvider<T> {
    /// Who sent it.
    pub fn sender(&self) -> Sender {
        Sender::from(&self.provider)
    }
}
