//! How alike two courses of different providers are, by title and teacher: for suggestions, which a person confirms.
mod title;

use std::collections::{HashMap, HashSet};

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

/// A course as it is compared with many others.
struct Read<'a> {
    looked: &'a Looked<'a>,
    title: Title,
    /// The title's letters by their number, the rarest first.
    grams: Vec<usize>,
    teachers: Vec<String>,
}

/// Pairs of different providers and one subject that are alike, the most alike first.
pub(crate) fn pairs(courses: &[Looked<'_>]) -> Vec<Pair> {
    let (read, letters) = read(courses);
    let mut having: Vec<Vec<usize>> = vec![vec![]; letters];
    let mut found = vec![];
    for (n, course) in read.iter().enumerate() {
        let telling = telling(&course.grams);
        let sharing = telling.iter().filter_map(|gram| having.get(*gram)).flatten();
        let before: HashSet<usize> = sharing.copied().collect();
        for at in before {
            let Some(other) = read.get(at) else { continue };
            if let Some((percent, differs)) = alike(other, course) {
                found.push(Pair { one: at, other: n, percent, differs });
            }
        }
        for gram in telling {
            if let Some(having) = having.get_mut(*gram) {
                having.push(n);
            }
        }
    }
    found.sort_by_key(|p| (std::cmp::Reverse(p.percent), p.one, p.other));
    found
}

/// Reads all courses; their letters are numbered by how rare they are. Gives how many letters there are, too.
fn read<'a>(courses: &'a [Looked<'a>]) -> (Vec<Read<'a>>, usize) {
    let titles: Vec<Title> = courses.iter().map(|c| title::read(c.title)).collect();
    let mut often: HashMap<(char, char), usize> = HashMap::new();
    for gram in titles.iter().flat_map(|t| &t.grams) {
        *often.entry(*gram).or_default() += 1;
    }
    let mut letters: Vec<(usize, (char, char))> =
        often.into_iter().map(|(gram, times)| (times, gram)).collect();
    letters.sort_unstable();
    let number: HashMap<(char, char), usize> =
        letters.iter().enumerate().map(|(n, (_, gram))| (*gram, n)).collect();
    let one = |(looked, title): (&'a Looked<'a>, Title)| {
        let mut grams: Vec<usize> = title.grams.iter().filter_map(|gram| number.get(gram).copied()).collect();
        grams.sort_unstable();
        Read { looked, title, grams, teachers: names(looked.teacher) }
    };
    (courses.iter().zip(titles).map(one).collect(), letters.len())
}

/// The rarest letters of a title, so many that two titles which are alike share one of them: at least 45 of 100 are the
/// same where a teacher adds 15, so that at most 71 of 100 are another's.
fn telling(grams: &[usize]) -> &[usize] {
    let shared = (grams.len() * (LEAST - TEACHER)).div_ceil(200 - (LEAST - TEACHER)).max(1);
    grams.get(..(grams.len() + 1).saturating_sub(shared)).unwrap_or_default()
}

/// How alike two courses are, and what speaks against it; none where they are not, such as two parts of one course.
fn alike(one: &Read<'_>, other: &Read<'_>) -> Option<(u8, Vec<&'static str>)> {
    if one.looked.provider == other.looked.provider || one.looked.subject != other.looked.subject {
        return None;
    }
    let is_part = one.title.parts != other.title.parts;
    if is_part && !one.title.parts.is_empty() && !other.title.parts.is_empty() {
        return None;
    }
    let mut percent = in_both(&one.grams, &other.grams) * 200 / (one.grams.len() + other.grams.len()).max(1);
    if percent + TEACHER < LEAST {
        return None;
    }
    let mut differs = vec![];
    match is_same_teacher(&one.teachers, &other.teachers) {
        Some(true) => percent = (percent + TEACHER).min(100),
        Some(false) => {
            percent = percent.saturating_sub(TEACHER);
            differs.push("teacher");
        }
        None => {}
    }
    if one.title.year.is_some() && other.title.year.is_some() && one.title.year != other.title.year {
        percent = percent.saturating_sub(YEAR);
        differs.push("year");
    }
    if is_part {
        percent = percent.saturating_sub(PART);
        differs.push("part");
    }
    if percent < LEAST { None } else { Some((u8::try_from(percent).unwrap_or(100), differs)) }
}

/// How many numbers two rising lists share.
fn in_both(one: &[usize], other: &[usize]) -> usize {
    let (mut theirs, mut both) = (other.iter().peekable(), 0);
    for number in one {
        while theirs.next_if(|n| *n < number).is_some() {}
        both += usize::from(theirs.next_if_eq(&number).is_some());
    }
    both
}

/// Whether one of the teachers is the same, titles after a name aside; none where one side names nobody.
fn is_same_teacher(one: &[String], other: &[String]) -> Option<bool> {
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
