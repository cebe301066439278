//! One search over what is written for people: notices, policies, the tenders of platforms, help and courses. Words are
//! found as they stand; a long word of Chinese that nothing holds as a whole is looked for by its pairs of signs.
use base::{Actor, Result};
use serde::Serialize;
use site::Site;
use utoipa::ToSchema;

/// So many finds of each kind.
const MOST: i64 = 10;
/// So many terms are looked for.
const TERMS: usize = 12;

/// What was found, by kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Hit {
    /// `notice`, `policy`, `tender`, `help` or `course`.
    pub kind: String,
    pub title: String,
    /// What stands beside the title.
    pub about: String,
    /// A path of this site.
    pub link: String,
}

/// The words of a query.
fn words(query: &str) -> Vec<String> {
    query.split_whitespace().take(TERMS).map(str::to_lowercase).collect()
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Words of three and more Chinese signs in pairs, each beginning one sign later; others as they are.
fn pairs(words: &[String]) -> Vec<String> {
    let split = |word: &String| -> Vec<String> {
        let signs: Vec<char> = word.chars().collect();
        if signs.len() < 3 || !signs.iter().copied().all(is_chinese) {
            return vec![word.clone()];
        }
        signs.windows(2).map(|pair| pair.iter().collect()).collect()
    };
    let mut terms: Vec<String> = words.iter().flat_map(split).collect();
    terms.truncate(TERMS);
    terms
}

/// Whether a text holds at least so many of the terms.
fn holds(text: &str, (terms, at_least): (&[String], usize)) -> bool {
    let text = text.to_lowercase();
    terms.iter().filter(|term| text.contains(term.as_str())).count() >= at_least
}

/// Everything that holds the words, else everything that holds two of three of their pairs: words that were written
/// together make pairs that stand nowhere.
pub(crate) async fn search(site: &Site, actor: &Actor, query: &str) -> Result<Vec<Hit>> {
    let words = words(query);
    if words.is_empty() {
        return Ok(vec![]);
    }
    let found = by_terms(site, actor, (&words, words.len())).await?;
    let pairs = pairs(&words);
    if !found.is_empty() || pairs == words {
        return Ok(found);
    }
    by_terms(site, actor, (&pairs, (pairs.len() * 2).div_ceil(3))).await
}

async fn by_terms(site: &Site, actor: &Actor, terms: (&[String], usize)) -> Result<Vec<Hit>> {
    let mut hits = vec![];
    let hit = |kind: &str, title: String, about: String, link: String| Hit {
        kind: kind.to_owned(),
        title,
        about,
        link,
    };
    for n in notices::found(site, actor, terms, MOST).await? {
        let about =
            if n.document_no.is_empty() { n.unit } else { format!("{} · {}", n.document_no, n.unit) };
        hits.push(hit("notice", n.title, about, format!("/notices/{}", n.id)));
    }
    for year in hours::published_years(&site.db).await?.into_iter().rev() {
        let policy = hours::in_force(&site.db, year).await?.policy;
        let title = site.texts.with("search-policy", &[("year", &year.to_string())]);
        if holds(&format!("{title} {} {}", policy.document, policy.topics.join(" ")), terms) {
            hits.push(hit("policy", title, policy.document.clone(), format!("/standard?year={year}")));
        }
    }
    for (id, title, about) in notices::tenders_with(site, terms, MOST).await? {
        hits.push(hit("tender", title, about, format!("/tenders/{id}")));
    }
    for answer in crate::help::answers(site) {
        if holds(&format!("{} {}", answer.question, answer.text), terms) {
            hits.push(hit("help", answer.question, answer.text, format!("/help#{}", answer.anchor)));
        }
    }
    for c in providers::courses_with(site, terms, MOST).await? {
        let subject = site.texts.get(&format!("subject-{}", base::person::Code::code(&c.subject)));
        hits.push(hit(
            "course",
            c.title,
            format!("{} · {subject} · {}", c.provider_title, c.topic),
            format!("/courses/{}", c.id),
        ));
    }
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_looked_for_in_pairs_and_others_as_they_are() {
        assert_eq!(words("  报账  144 "), ["报账", "144"]);
        assert_eq!(pairs(&words("报账限额 144元 党建")), ["报账", "账限", "限额", "144元", "党建"]);
        let holds = |text: &str, query: &str| {
            let words = words(query);
            holds(text, (&words, words.len()))
        };
        assert!(holds("培训费用按限额144元报账", "报账 144"));
        assert!(!holds("培训费用", "报账"));
    }
}
