//! The answers of the help page, for the page and for the search.
use site::Site;

/// A question with its answer.
pub(crate) struct Answer {
    pub anchor: &'static str,
    pub question: String,
    pub text: String,
    /// Where it is done; empty for nowhere.
    pub link: &'static str,
}

/// Each has `help-<anchor>-q` and `help-<anchor>-a` in the locale, in the order of the page; some lead to where it is done.
const ANCHORS: [(&str, &str); 15] = [
    ("first", "/activate"),
    ("forgot", "/forgot"),
    ("password", ""),
    ("locked", ""),
    ("idle", ""),
    ("credit", ""),
    ("phone", ""),
    ("identity", ""),
    ("transfer", ""),
    ("former", ""),
    ("code", ""),
    ("offset", "/claims"),
    ("reimbursement", "/reimbursements"),
    ("exemption", "/exemptions"),
    ("certificate", "/certificates"),
];

/// All of them.
pub(crate) fn answers(site: &Site) -> Vec<Answer> {
    let answer = |(anchor, link): (&'static str, &'static str)| Answer {
        anchor,
        link,
        question: site.texts.get(&format!("help-{anchor}-q")),
        text: site.texts.get(&format!("help-{anchor}-a")),
    };
    ANCHORS.into_iter().map(answer).collect()
}
