//! Which credits count, and how much of them: by date, then by id; checks first, then caps (domain §3).
use std::borrow::Cow;

use base::{Day, Fen, Hours, Subject};

use super::{CreditResult, Earned, Reason, Seen};
use crate::Days;
use crate::policy::{Item, Per, Policy};
use crate::record::{Activity, Credit, Record, Source};

/// What counting a record's credits came to.
pub(super) struct Counted<'r> {
    pub(super) results: Vec<CreditResult<'r>>,
    public: Hours,
    professional: Hours,
    days: Days,
    /// Professional hours from activities and unit training.
    pub(super) offset: Hours,
    pub(super) charged: Fen,
    pub(super) charged_professional: Fen,
}

impl Counted<'_> {
    pub(super) fn earned(&self) -> Earned {
        Earned {
            total: self.public.plus(self.professional),
            public: self.public,
            professional: self.professional,
            days: self.days,
        }
    }
}

pub(super) fn count<'r>(policy: &Policy, record: &'r Record<'_>) -> Counted<'r> {
    let mut counter = Counter::new(policy, record);
    for (_, credit, place) in order(record) {
        let (hours, verdict) = counter.check(credit);
        let (counted, reason) = match verdict {
            Err(reason) => (Hours::ZERO, Some(reason)),
            Ok(item) => counter.take(credit, item, hours),
        };
        if let Some(result) = counter.out.results.get_mut(place) {
            (result.hours, result.counted, result.reason) = (hours, counted, reason);
        }
    }
    counter.out
}

/// The credits in the order of counting, each with its day and its place in the record.
pub(super) fn order<'r, 'a>(record: &'r Record<'a>) -> Vec<(Day, &'r Credit<'a>, usize)> {
    let mut order: Vec<(Day, &Credit<'_>, usize)> =
        record.credits.iter().enumerate().map(|(place, credit)| (credit.day(), credit, place)).collect();
    order.sort_unstable_by(|a, b| (a.0, &a.1.id, a.2).cmp(&(b.0, &b.1.id, b.2)));
    order
}

type Verdict<'p> = Result<Option<&'p Item>, Reason>;

struct Counter<'p, 'r> {
    policy: &'p Policy,
    first: Day,
    last: Day,
    last_of_courses: Day,
    courses: Seen<&'r str>,
    trained_until: Option<Day>,
    achievements: Seen<(&'r str, &'r str, Day)>,
    evidence: Seen<&'r str>,
    /// Counted hours by cap group; empty until an activity comes.
    groups: Vec<Hours>,
    activities: Hours,
    out: Counted<'r>,
}

impl<'p, 'r> Counter<'p, 'r> {
    fn new(policy: &'p Policy, record: &'r Record<'_>) -> Self {
        let result = |c: &'r Credit<'_>| CreditResult {
            id: Cow::Borrowed(&*c.id),
            hours: Hours::ZERO,
            counted: Hours::ZERO,
            reason: None,
        };
        let last = policy.year.last_day();
        Self {
            policy,
            first: policy.year.first_day(),
            last,
            last_of_courses: record.make_up.map_or(last, |until| until.max(last)),
            courses: Seen::default(),
            trained_until: None,
            achievements: Seen::default(),
            evidence: Seen::default(),
            groups: Vec::new(),
            activities: Hours::ZERO,
            out: Counted {
                results: record.credits.iter().map(result).collect(),
                public: Hours::ZERO,
                professional: Hours::ZERO,
                days: Days::ZERO,
                offset: Hours::ZERO,
                charged: Fen::ZERO,
                charged_professional: Fen::ZERO,
            },
        }
    }

    /// The credit's hours, and whether it counts at all: the first check that hits is the reason, and only who passes
    /// all of them takes part in later comparisons.
    fn check(&mut self, credit: &'r Credit<'_>) -> (Hours, Verdict<'p>) {
        match &credit.source {
            Source::Course { course, minutes, completed_on, .. } => {
                let hours = self.policy.course_hours(*minutes);
                (hours, self.check_course(course, *completed_on, hours))
            }
            Source::UnitTraining { period, days, .. } => {
                let hours = self.policy.training_hours(*days);
                (hours, self.check_training(period.from, period.to))
            }
            Source::Activity(activity) => self.check_activity(activity),
        }
    }

    fn check_course(&mut self, course: &'r str, on: Day, hours: Hours) -> Verdict<'p> {
        if on < self.first || on > self.last_of_courses {
            return Err(Reason::OutsideYear);
        }
        if hours == Hours::ZERO {
            return Err(Reason::BelowMinimum);
        }
        if self.courses.insert(course) { Ok(None) } else { Err(Reason::DuplicateCourse) }
    }

    /// Trainings come by their last day and those that counted share no day, so the newest of them decides.
    fn check_training(&mut self, from: Day, to: Day) -> Verdict<'p> {
        if from < self.first || to > self.last {
            return Err(Reason::OutsideYear);
        }
        if self.trained_until.is_some_and(|until| until >= from) {
            return Err(Reason::Overlap);
        }
        self.trained_until = Some(to);
        Ok(None)
    }

    fn check_activity(&mut self, activity: &'r Activity<'_>) -> (Hours, Verdict<'p>) {
        let Some(item) = self.policy.item(&activity.item) else {
            return (Hours::ZERO, Err(Reason::ItemUnknown));
        };
        let full = item.hours(activity.quantity, activity.rank);
        let hours = activity.approved_hours.map_or(full, |approved| approved.min(full));
        (hours, self.check_achievement(activity, item))
    }

    fn check_achievement(&mut self, activity: &'r Activity<'_>, item: &'p Item) -> Verdict<'p> {
        if activity.on < self.first || activity.on > self.last {
            return Err(Reason::OutsideYear);
        }
        let given = |text: &'r Option<Cow<'_, str>>| text.as_deref().filter(|t| !t.is_empty());
        let named = given(&activity.title).map(|title| (&*activity.item, title, activity.on));
        let evidence = given(&activity.evidence);
        if named.is_some_and(|n| self.achievements.has(n)) || evidence.is_some_and(|e| self.evidence.has(e)) {
            return Err(Reason::DuplicateAchievement);
        }
        if let Some(named) = named {
            self.achievements.insert(named);
        }
        if let Some(evidence) = evidence {
            self.evidence.insert(evidence);
        }
        Ok(Some(item))
    }

    /// Books a credit that passed all checks.
    fn take(&mut self, credit: &Credit<'_>, item: Option<&Item>, hours: Hours) -> (Hours, Option<Reason>) {
        let out = &mut self.out;
        let (subject, counted, reason) = match (&credit.source, item) {
            (Source::Course { subject, fee, .. }, _) => {
                out.charged = out.charged.plus(*fee);
                if *subject == Subject::Professional {
                    out.charged_professional = out.charged_professional.plus(*fee);
                }
                (*subject, hours, None)
            }
            (Source::UnitTraining { subject, .. }, _) => (*subject, hours, None),
            (Source::Activity(_), Some(item)) => {
                let (counted, reason) = self.cap(item, hours);
                (item.subject, counted, reason)
            }
            // An activity without an item never passes its checks.
            (Source::Activity(_), None) => return (Hours::ZERO, Some(Reason::ItemUnknown)),
        };
        self.book(credit, subject, counted, item);
        (counted, reason)
    }

    fn book(&mut self, credit: &Credit<'_>, subject: Subject, counted: Hours, item: Option<&Item>) {
        let out = &mut self.out;
        match subject {
            Subject::Public => out.public = out.public.plus(counted),
            Subject::Professional => out.professional = out.professional.plus(counted),
        }
        let is_course = matches!(credit.source, Source::Course { .. });
        if !is_course && subject == Subject::Professional {
            out.offset = out.offset.plus(counted);
        }
        if !is_course && item.is_none_or(|i| i.per == Per::Day) {
            out.days = out.days.plus(Days::of_hours(counted, self.policy.measure.hours_per_day));
        }
    }

    /// The item's cap limits its group's running sum, then the offset cap all professional activities; the reason is
    /// the last that cut.
    fn cap(&mut self, item: &Item, hours: Hours) -> (Hours, Option<Reason>) {
        if self.groups.is_empty() {
            self.groups.resize(self.policy.groups(), Hours::ZERO);
        }
        let used = self.groups.get(item.group).copied().unwrap_or_default();
        let mut counted = hours;
        let mut reason = None;
        let mut limit = |room: Hours, why: Reason| {
            if counted > room {
                (counted, reason) = (room, Some(why));
            }
        };
        limit(item.cap.less(used), Reason::ItemCap);
        if item.subject == Subject::Professional {
            limit(self.policy.measure.offset_cap.less(self.activities), Reason::OffsetCap);
            self.activities = self.activities.plus(counted);
        }
        if let Some(sum) = self.groups.get_mut(item.group) {
            *sum = sum.plus(counted);
        }
        (counted, reason)
    }
}
