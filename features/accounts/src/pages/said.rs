//! What a form is told when it was refused: a sentence for each wrong field, else one for the whole.
use axum::response::{IntoResponse, Response};
use base::Error;
use site::{Failure, Site};

/// The sentences of a refusal.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    fields: Vec<(String, String)>,
    general: Option<String>,
    separator: String,
}

impl Said {
    /// The sentences of an error.
    pub(super) fn of(site: &Site, error: &Error) -> Self {
        let Error::Refused(problems) = error else { return Self::default() };
        let minutes = problems.retry_after.unwrap_or(0).div_ceil(60).to_string();
        let text = |f: &base::FieldProblem| (f.field.clone(), site.texts.get(&format!("field-{}", f.code)));
        let fields: Vec<_> = problems.fields.iter().map(text).collect();
        let whole = site.texts.with(&format!("error-{}", problems.code), &[("minutes", &minutes)]);
        let general = fields.is_empty().then_some(whole);
        Self { fields, general, separator: site.texts.get("list-separator") }
    }

    /// What is wrong with a field, every sentence of it.
    pub(super) fn field(&self, name: &str) -> String {
        let of_field = self.fields.iter().filter(|(field, _)| field == name).map(|(_, text)| text.as_str());
        of_field.collect::<Vec<_>>().join(&self.separator)
    }

    /// The sentence about the whole, where no field is to blame.
    pub(super) fn general(&self) -> Option<String> {
        self.general.clone()
    }

    /// Everything in one line.
    pub(super) fn all(&self) -> String {
        let fields = self.fields.iter().map(|(_, text)| text.as_str());
        fields.chain(self.general.as_deref()).collect::<Vec<_>>().join(&self.separator)
    }
}

/// The page again, under the status that the refusal has.
pub(super) fn with_status_of(error: Error, mut page: Response) -> Response {
    *page.status_mut() = Failure(error).into_response().status();
    page
}
