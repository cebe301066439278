//! How alike two courses of different providers are, by title and teacher: for suggestions, which a person confirms.
mod title;

use std::collections::{BTreeSet, HashMap};

use base::person::half_width;
use title::Title;

/// What is compared.
#[derive(Clone, Debug)]
pub(crate) struct Looked<'a> {
    pub title: &'a str,
    pub teacher: &'a str,
    pub provider: &'a str,
    pub subject: &'a str,
}

/// Two places of a list, and how alike they are in percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub one: usize,
    pub other: usize,
    pub percent: u8,
    /// What speaks against it: `teacher`, `year` or `part`.
    pub differs: Vec<&'static str>,
}

/// Less alike than this is not suggested.
const LEAST: usize = 60;
/// What the same teacher adds, and what another one takes.
const TEACHER: usize = 15;
/// What the year of another edition takes.
const YEAR: usize = 15;
/// What it takes that only one of them is numbered as a part.
const PART: usize = 25;

type Gram = (char, char);

/// Pairs of different providers and one subject that are alike, the most alike first.
pub(crate) fn pairs(courses: &[Looked<'_>]) -> Vec<Pair> {
    let titles: Vec<Title> = courses.iter().map(|c| title::read(c.title)).collect();
    let mut frequency: HashMap<Gram, usize> = HashMap::new();
    for gram in titles.iter().flat_map(|t| &t.grams) {
        *frequency.entry(*gram).or_default() += 1;
    }
    let mut having: HashMap<Gram, Vec<usize>> = HashMap::new();
    let mut found = vec![];
    for (n, (course, title)) in courses.iter().zip(&titles).enumerate() {
        let telling = telling(title, &frequency);
        let before: BTreeSet<usize> =
            telling.iter().flat_map(|gram| having.get(gram).into_iter().flatten()).copied().collect();
        for at in before {
            let (Some(other), Some(theirs)) = (courses.get(at), titles.get(at)) else { continue };
            if other.provider == course.provider || other.subject != course.subject {
                continue;
            }
            let Some((percent, differs)) = alike((other, theirs), (course, title)) else { continue };
            found.push(Pair { one: at, other: n, percent, differs });
        }
        for gram in telling {
            having.entry(gram).or_default().push(n);
        }
    }
    found.sort_by_key(|p| (std::cmp::Reverse(p.percent), p.one, p.other));
    found
}

/// The rarest letters of a title, so many that two titles which are alike share one of them: at least 45 of 100 are the
/// same where a teacher adds 15, so that at most 71 of 100 are another's.
fn telling(title: &Title, frequency: &HashMap<Gram, usize>) -> Vec<Gram> {
    let mut grams: Vec<Gram> = title.grams.iter().copied().collect();
    grams.sort_by_key(|g| (frequency.get(g).copied().unwrap_or(0), *g));
    let shared = (grams.len() * (LEAST - TEACHER)).div_ceil(200 - (LEAST - TEACHER));
    grams.truncate((grams.len() + 1).saturating_sub(shared.max(1)));
    grams
}

/// How alike two courses are, and what speaks against it; none where they are not, such as two parts of one course.
fn alike(
    (one, its): (&Looked<'_>, &Title),
    (other, theirs): (&Looked<'_>, &Title),
) -> Option<(u8, Vec<&'static str>)> {
    let both = its.grams.intersection(&theirs.grams).count();
    let mut percent = both * 200 / (its.grams.len() + theirs.grams.len()).max(1);
    let mut differs = vec![];
    match is_same_teacher(one.teacher, other.teacher) {
        Some(true) => percent = (percent + TEACHER).min(100),
        Some(false) => {
            percent = percent.saturating_sub(TEACHER);
            differs.push("teacher");
        }
        None => {}
    }
    if its.year.is_some() && theirs.year.is_some() && its.year != theirs.year {
        percent = percent.saturating_sub(YEAR);
        differs.push("year");
    }
    if its.parts != theirs.parts {
        if !its.parts.is_empty() && !theirs.parts.is_empty() {
            return None;
        }
        percent = percent.saturating_sub(PART);
        differs.push("part");
    }
    if percent < LEAST { None } else { Some((u8::try_from(percent).unwrap_or(100), differs)) }
}

/// Whether one of the teachers is the same, titles after a name aside; none where one side names nobody.
fn is_same_teacher(one: &str, other: &str) -> Option<bool> {
    let (one, other) = (names(one), names(other));
    if one.is_empty() || other.is_empty() {
        return None;
    }
    Some(one.iter().any(|a| other.iter().any(|b| is_same_name(a, b))))
}

fn names(text: &str) -> Vec<String> {
    let plain: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    plain.split(|c: char| !c.is_alphanumeric()).filter(|n| !n.is_empty()).map(str::to_lowercase).collect()
}

/// A name is the same with a title of two letters or more behind it (冯军教授); one letter more is another name.
fn is_same_name(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let more = long.strip_prefix(short).map(|more| more.chars().count());
    more == Some(0) || (short.chars().count() > 1 && more.is_some_and(|n| n > 1))
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

    #[test]
    fn near_titles_are_judged_by_parts_editions_and_teachers() {
        // (title, teacher) twice; the least percentage and what differs, or none.
        type Case = (
            (&'static str, &'static str),
            (&'static str, &'static str),
            Option<(u8, &'static [&'static str])>,
        );
        let cases: [Case; 12] = [
            (("消防安全知识（上）", "王工"), ("消防安全知识(下)", "王工"), None),
            (("消防安全知识（上）", "王工"), ("消防安全知识 上篇", "王工"), Some((100, &[]))),
            (("公文写作实务（一）", "赵芳"), ("公文写作实务 二", "赵芳"), None),
            (("公文写作实务（一）", "赵芳"), ("公文写作实务", "赵芳"), Some((75, &["part"]))),
            (("网络安全法解读 第1讲", "吴昊"), ("网络安全法解读第一讲", "吴昊"), Some((100, &[]))),
            (("网络安全法解读 第1讲", "吴昊"), ("网络安全法解读第二讲", "吴昊"), None),
            (("数字政府建设2025版", "周伟"), ("【数字政府】建设（2026年版）", "周伟"), Some((85, &["year"]))),
            (("Ｅｘｃｅｌ　数据处理", "孙宇"), ("Excel数据处理", "孙 宇"), Some((100, &[]))),
            (("保密法修订要点", "冯军 教授"), ("保密法修订要点", "冯军、李敏"), Some((100, &[]))),
            (("保密法修订要点", "李明"), ("保密法修订要点", "李明华"), Some((85, &["teacher"]))),
            (("心理健康与压力管理", "钱进"), ("心理健康教育案例分析", "钱进"), None),
            (("“十四五”规划解读", "周伟"), ("“十五五”规划解读", "周伟"), Some((60, &[]))),
        ];
        for (one, other, expected) in cases {
            let found = pairs(&[course(one.0, one.1, "a"), course(other.0, other.1, "b")]);
            let seen = found.first().map(|p| (p.percent, p.differs.clone()));
            match expected {
                None => assert_eq!(seen, None, "{} | {}", one.0, other.0),
                Some((least, differs)) => {
                    let (percent, why) = seen.unwrap_or_else(|| panic!("{} | {}", one.0, other.0));
                    assert!(percent >= least && why == differs, "{} | {}: {percent} {why:?}", one.0, other.0);
                }
            }
        }
    }
}
