//! One search over what is written for people: notices, policies, the tenders of platforms, help and courses. Words are
//! found as they stand; what nothing holds is looked for in its usual spelling, then by the pairs of its Chinese signs.
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

/// A query in its usual spelling: `from=to` for each variant that people type, with spaces between.
fn usual(query: &str, variants: &str) -> String {
    let pairs = variants.split_whitespace().filter_map(|v| v.split_once('='));
    pairs.fold(query.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Words in runs of one script; runs of three and more Chinese signs in pairs, each beginning one sign later. Marks such as
/// the brackets of document numbers only part words.
fn pairs(words: &[String]) -> Vec<String> {
    let split = |run: String| -> Vec<String> {
        let signs: Vec<char> = run.chars().collect();
        if signs.len() < 3 || !signs.iter().copied().all(is_chinese) {
            return vec![run];
        }
        signs.windows(2).map(|pair| pair.iter().collect()).collect()
    };
    let mut terms: Vec<String> = words.iter().flat_map(|w| runs(w)).flat_map(split).collect();
    terms.truncate(TERMS);
    terms
}

/// A word's stretches of Chinese signs, and of letters and digits.
fn runs(word: &str) -> Vec<String> {
    let mut runs: Vec<String> = vec![];
    let mut last = None;
    for c in word.chars() {
        let script = c.is_alphanumeric().then(|| is_chinese(c));
        match (script, runs.last_mut()) {
            (None, _) => {}
            (Some(_), Some(run)) if script == last => run.push(c),
            (Some(_), _) => runs.push(c.to_string()),
        }
        last = script;
    }
    runs
}

/// How many of the terms a text holds.
fn held(text: &str, terms: &[String]) -> usize {
    let text = text.to_lowercase();
    terms.iter().filter(|term| text.contains(term.as_str())).count()
}

/// Whether a text holds at least so many of the terms.
fn holds(text: &str, (terms, at_least): (&[String], usize)) -> bool {
    held(text, terms) >= at_least
}

/// What is looked for, the next only where the one before found nothing: terms, and how many of them a text must hold.
fn attempts(query: &str, variants: &str) -> Vec<(Vec<String>, usize)> {
    let all = |terms: Vec<String>| (terms.clone(), terms.len());
    let spelled = words(&usual(query, variants));
    let pairs = pairs(&spelled);
    let (most, some) = ((pairs.len() * 2).div_ceil(3), pairs.len().div_ceil(3));
    let mut attempts = vec![all(words(query)), all(spelled), (pairs.clone(), most), (pairs, some)];
    attempts.dedup();
    attempts.retain(|(terms, _)| !terms.is_empty());
    attempts
}

/// Everything that holds the words; else in their usual spelling; else most, at last some of their pairs: words that were
/// written together, or in a question, make pairs that stand nowhere.
pub(crate) async fn search(site: &Site, actor: &Actor, query: &str) -> Result<Vec<Hit>> {
    for (terms, at_least) in attempts(query, &site.texts.get("search-variants")) {
        let found = by_terms(site, actor, (&terms, at_least)).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(vec![])
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
    for answer in answers(site, terms) {
        hits.push(hit("help", answer.question, answer.text, format!("/help#{}", answer.anchor)));
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

/// The answers that hold enough of the terms; first those that hold more, and hold them in the question.
fn answers(site: &Site, (terms, at_least): (&[String], usize)) -> Vec<crate::help::Answer> {
    let worth = |a: &crate::help::Answer| held(&a.question, terms) + held(&a.text, terms);
    let mut found = crate::help::answers(site);
    found.retain(|a| holds(&format!("{} {}", a.question, a.text), (terms, at_least)));
    found.sort_by_key(|a| std::cmp::Reverse(worth(a)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_looked_for_in_pairs_and_others_as_they_are() {
        assert_eq!(words("  报账  144 "), ["报账", "144"]);
        assert_eq!(pairs(&words("报账限额 144元 党建")), ["报账", "账限", "限额", "144", "元", "党建"]);
        assert_eq!(pairs(&words("湘人社函〔2023〕63号")), ["湘人", "人社", "社函", "2023", "63", "号"]);
        let holds = |text: &str, query: &str| {
            let words = words(query);
            holds(text, (&words, words.len()))
        };
        assert!(holds("培训费用按限额144元报账", "报账 144"));
        assert!(!holds("培训费用", "报账"));
    }

    #[test]
    fn what_nobody_wrote_so_is_looked_for_in_its_usual_spelling_and_in_parts() {
        let variants = "帐=账 报销=报账";
        let finds = |text: &str, query: &str| {
            attempts(query, variants).iter().any(|(terms, n)| holds(text, (terms, *n)))
        };
        assert!(finds("培训费怎样报账。限额与专业课费用", "培训费用怎么报销"));
        assert!(finds("报账须凭发票", "报帐"));
        assert!(finds("忘记密码", "密码忘了"));
        assert!(finds("湘人社函〔2023〕63号", "湘人社函2023 63"));
        assert!(!finds("忘记密码", "产假"));
        assert_eq!(attempts("党建", variants).len(), 1, "nothing is asked twice");
        assert!(attempts("  ", variants).is_empty());
    }
}
