//! Texts that code needs (labels of codes, failures, messages), from the locale's Fluent files. Page text stands in
//! the templates.
use base::Problems;
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../locales/zh-CN"]
struct Files;

/// The texts of the one language that ships.
pub struct Texts(FluentBundle<FluentResource>);

impl Texts {
    /// Reads the embedded files. A file that does not parse or a doubled key is an error of the build, named here.
    pub fn load() -> Result<Self, String> {
        let language = "zh-CN".parse().map_err(|e| format!("language: {e}"))?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        for name in Files::iter() {
            let file = Files::get(&name).ok_or_else(|| format!("{name} is missing"))?;
            let text = String::from_utf8(file.data.into_owned()).map_err(|e| format!("{name}: {e}"))?;
            let resource = FluentResource::try_new(text).map_err(|(_, e)| format!("{name}: {e:?}"))?;
            bundle.add_resource(resource).map_err(|e| format!("{name}: {e:?}"))?;
        }
        Ok(Self(bundle))
    }

    /// Whether there is a text of that key.
    pub fn has(&self, key: &str) -> bool {
        self.0.get_message(key).is_some_and(|m| m.value().is_some())
    }

    /// The text of a key; the key itself where there is none, so that nothing shows as empty.
    pub fn get(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// What a refusal says in one sentence: the first field's, else its own.
    pub fn refusal(&self, problems: &Problems) -> String {
        let field = problems.fields.first().map(|f| format!("field-{}", f.code));
        self.get(&field.unwrap_or_else(|| format!("error-{}", problems.code)))
    }

    /// The text of a key with arguments.
    pub fn with(&self, key: &str, args: &[(&str, &str)]) -> String {
        let Some(pattern) = self.0.get_message(key).and_then(|m| m.value()) else { return key.to_owned() };
        let mut fluent = FluentArgs::new();
        for (name, value) in args {
            fluent.set(*name, *value);
        }
        self.0.format_pattern(pattern, Some(&fluent), &mut vec![]).into_owned()
    }
}
