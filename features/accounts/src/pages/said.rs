//! What a form is told when it was refused: a sentence for each wrong field, else one for the whole.
use askama::Template;
use axum::response::{IntoResponse, Response};
use base::Error;
use serde_json::Value;
use site::{Failure, Frame, Reply, Site, html};

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

    /// The frame with the sentence about the whole above the page, where there is one.
    pub(super) fn on(&self, frame: Frame) -> Frame {
        match self.general() {
            Some(text) => frame.with_flash("error", text),
            None => frame,
        }
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

/// Answers a form that was refused with its page and what was wrong; any other error goes on.
pub(super) async fn again<T: Template, F: Future<Output = base::Result<T>>>(
    site: &Site,
    error: Error,
    page: impl FnOnce(Said) -> F,
) -> Reply {
    if !matches!(error, Error::Refused(_)) {
        return Err(error.into());
    }
    let page = page(Said::of(site, &error)).await?;
    Ok(with_status_of(error, html(&page)?))
}

/// The puzzle that a page lets the browser solve; both parts are empty when none is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Puzzle {
    pub text: String,
    pub bits: String,
}

impl Puzzle {
    /// That of a refusal.
    pub(super) fn of(error: &Error) -> Self {
        let Error::Refused(p) = error else { return Self::default() };
        let challenge = p.extra.get("challenge");
        let part = |name: &str| match challenge.and_then(|c| c.get(name)) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Self { text: part("puzzle"), bits: part("bits") }
    }
}
