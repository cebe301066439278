//! Which courses are worth taking next: those that bring what the year still lacks, that were learned nowhere, and that are
//! meant for the learner's category.
use catalogue::{Course, Needs};

/// So many of each subject are shown.
const SHOWN: usize = 3;

/// The courses of a subject worth taking, the best first; none where the subject lacks nothing.
pub(crate) fn worth<'a>(
    courses: &'a [Course],
    needs: &Needs,
    subject: &str,
    is_done: impl Fn(&Course) -> bool,
) -> Vec<&'a Course> {
    if needs.missing(subject) == base::Hours::ZERO {
        return vec![];
    }
    let learned: Vec<&str> = courses.iter().filter(|c| is_done(c)).map(|c| c.topic.as_str()).collect();
    let category = needs.category.as_deref().unwrap_or_default();
    let is_meant = |c: &Course| c.audience.is_empty() || c.audience.iter().any(|a| a == category);
    let mut worth: Vec<&Course> = courses
        .iter()
        .filter(|c| needs.subject(c) == subject && c.is_offered() && c.hours() > base::Hours::ZERO)
        .filter(|c| !is_done(c) && needs.learned_at(&c.id).is_none() && is_meant(c))
        .collect();
    // Named for the category first, then a topic that is new, then what costs nothing, then what brings most.
    worth.sort_by_key(|c| {
        let is_old_topic = learned.contains(&c.topic.as_str());
        (c.audience.is_empty(), is_old_topic, !c.free, std::cmp::Reverse(c.hours()))
    });
    worth.truncate(SHOWN);
    worth
}

#[cfg(test)]
mod tests {
    use base::{Fen, Hours};
    use catalogue::{Kind, Learned, Lecture, Origin};

    use super::*;

    fn course(id: &str, subject: &str, topic: &str, audience: &[&str], minutes: i64) -> Course {
        let lecture = Lecture {
            id: format!("{id}-1"),
            course: id.into(),
            place: 1,
            title: "一".into(),
            seconds: minutes * 60,
            kind: Kind::Film,
            detail: String::new(),
        };
        Course {
            id: id.into(),
            title: id.into(),
            subject: subject.into(),
            topic: topic.into(),
            teacher: "某".into(),
            price: Fen::ZERO,
            free: true,
            paper_size: 0,
            audience: audience.iter().map(|a| (*a).to_owned()).collect(),
            origin: Origin::Delivered,
            withdrawn_at: None,
            replaced_at: None,
            lectures: vec![lecture],
        }
    }

    #[test]
    fn what_is_missing_is_offered_once_and_to_those_it_is_meant_for() {
        let courses = [
            course("done", "public", "消防安全", &[], 40),
            course("same-topic", "public", "消防安全", &[], 80),
            course("new-topic", "public", "国家安全", &[], 40),
            course("elsewhere", "public", "乡村振兴", &[], 40),
            course("tiny", "public", "禁毒知识", &[], 2),
            course("outside", "public", "急救", &[], 40),
            course("workers", "professional", "焊接", &["worker"], 40),
            course("all", "professional", "写作", &[], 40),
            course("teachers", "professional", "教学", &["professional"], 40),
        ];
        let needs = |public, professional| Needs {
            category: Some("professional".into()),
            obliged: true,
            satisfied: false,
            public: Hours::from_hundredths(public),
            professional: Hours::from_hundredths(professional),
            topics: vec![],
            outside: vec!["outside".into()],
            learned: vec![Learned { course: "elsewhere".into(), at: "某平台".into() }],
            allowance_left: Fen::ZERO,
            invoice: None,
        };
        let ids = |needs: &Needs, subject| {
            let found = worth(&courses, needs, subject, |c| c.id == "done");
            found.into_iter().map(|c| c.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&needs(100, 100), "public"), ["new-topic", "same-topic"]);
        assert_eq!(ids(&needs(100, 100), "professional"), ["teachers", "outside", "all"]);
        assert!(ids(&needs(0, 100), "public").is_empty());
    }
}
