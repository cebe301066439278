//! How alike two courses of different providers are, by title and teacher: for suggestions, which a person confirms.
use std::collections::{BTreeSet, HashMap};

/// What is compared.
#[derive(Clone, Debug)]
pub(crate) struct Looked<'a> {
    pub title: &'a str,
    pub teacher: &'a str,
    pub provider: &'a str,
    pub subject: &'a str,
}

/// Two places of a list, and how alike they are in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub one: usize,
    pub other: usize,
    pub percent: u8,
}

/// Less alike than this is not suggested.
const LEAST: u8 = 60;
/// What the same teacher adds, and what another one takes.
const TEACHER: u8 = 15;

/// Pairs of different providers and one subject that are alike, the most alike first.
pub(crate) fn pairs(courses: &[Looked<'_>]) -> Vec<Pair> {
    let grams: Vec<BTreeSet<(char, char)>> = courses.iter().map(|c| bigrams(c.title)).collect();
    let mut having: HashMap<(char, char), Vec<usize>> = HashMap::new();
    let mut found = vec![];
    for (n, course) in courses.iter().enumerate() {
        let Some(own) = grams.get(n) else { continue };
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for gram in own {
            for before in having.get(gram).into_iter().flatten() {
                *shared.entry(*before).or_default() += 1;
            }
        }
        for (before, count) in shared {
            let (Some(other), Some(others)) = (courses.get(before), grams.get(before)) else { continue };
            if other.provider == course.provider || other.subject != course.subject {
                continue;
            }
            let title = count * 200 / (own.len() + others.len()).max(1);
            let percent = with_teacher(u8::try_from(title).unwrap_or(100), other.teacher, course.teacher);
            if percent >= LEAST {
                found.push(Pair { one: before, other: n, percent });
            }
        }
        for gram in own {
            having.entry(*gram).or_default().push(n);
        }
    }
    found.sort_by_key(|p| (std::cmp::Reverse(p.percent), p.one, p.other));
    found
}

fn with_teacher(title: u8, one: &str, other: &str) -> u8 {
    match (one.trim(), other.trim()) {
        ("", _) | (_, "") => title,
        (one, other) if one == other => title.saturating_add(TEACHER).min(100),
        _ => title.saturating_sub(TEACHER),
    }
}

/// Neighbouring letters and digits of a title, without marks, spaces and case; the year of an edition is no difference.
fn bigrams(title: &str) -> BTreeSet<(char, char)> {
    let plain: Vec<char> = title
        .chars()
        .filter(|c| c.is_alphanumeric() && !c.is_ascii_digit())
        .flat_map(char::to_lowercase)
        .collect();
    plain.iter().copied().zip(plain.iter().copied().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course<'a>(title: &'a str, teacher: &'a str, provider: &'a str) -> Looked<'a> {
        Looked { title, teacher, provider, subject: "public" }
    }

    #[test]
    fn the_same_course_under_another_spelling_is_found() {
        let courses = [
            course("《民法典》婚姻家庭编解读", "李教授", "a"),
            course("民法典婚姻家庭编解读（2023版）", "李教授", "b"),
            course("消防安全知识", "王工", "b"),
            course("消防安全知识", "赵工", "c"),
            course("民法典婚姻家庭编解读", "李教授", "a"),
        ];
        let found = pairs(&courses);
        let places: Vec<(usize, usize)> = found.iter().map(|p| (p.one, p.other)).collect();
        assert!(places.contains(&(0, 1)) && places.contains(&(1, 4)) && places.contains(&(2, 3)));
        assert!(!places.contains(&(0, 4)), "one provider's own courses are not compared");
        let of = |one, other| found.iter().find(|p| (p.one, p.other) == (one, other)).unwrap().percent;
        assert!(of(0, 1) > of(2, 3), "another teacher makes it less alike");
    }

    #[test]
    fn different_courses_and_subjects_are_not() {
        let mut other = course("消防安全知识", "", "c");
        other.subject = "professional";
        assert!(
            pairs(&[course("消防安全知识", "", "a"), course("网络安全法律法规", "", "b"), other]).is_empty()
        );
        assert!(pairs(&[course("", "", "a"), course("", "", "b")]).is_empty());
    }
}
