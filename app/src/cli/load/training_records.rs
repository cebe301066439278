//! `xueshi load training-records`: generated training records for `xueshi assess`, written as fast as they are made.
use std::io::{BufWriter, Write};

use super::super::Done;

/// A step of a linear congruential generator: for invented data only.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let place = usize::try_from(self.below(u64::try_from(from.len()).unwrap_or(1))).unwrap_or(0);
        from.get(place).copied().unwrap_or("")
    }
}

const ITEMS: [&str; 6] = [
    "paper.core",
    "paper.provincial",
    "meeting.national",
    "teaching.lecture",
    "contest.city_1",
    "nothing.known",
];

/// Writes `count` records of 12 credits: nine courses, a training, two achievements; now and then a leave.
pub(super) fn run(count: u64, year: u16, seed: u64) -> Done {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut dice = Dice(seed);
    for n in 1..=count {
        record(&mut out, &mut dice, (n, year))?;
    }
    out.flush()?;
    Ok(())
}

fn record(out: &mut impl Write, dice: &mut Dice, (n, year): (u64, u16)) -> std::io::Result<()> {
    let gender = dice.pick(&["female", "male"]);
    let (category, level) =
        if dice.below(2) == 0 { ("professional", "professional_10") } else { ("management", "management_7") };
    let born = 1962 + dice.below(40);
    write!(
        out,
        r#"{{"id":"r{n}","year":{year},"person":{{"gender":"{gender}","birth_date":"{born}-{:02}-11","category":"{category}","level":"{level}","retirement":"cadre","joined_on":"2010-07-01","status":"on_post"}},"credits":["#,
        1 + dice.below(12)
    )?;
    for c in 0..9 {
        let subject = dice.pick(&["public", "professional", "professional"]);
        write!(
            out,
            r#"{{"id":"c{c}","kind":"course","provider":"webtrn","course":"HN-{}","subject":"{subject}","minutes":{},"completed_on":"{year}-{:02}-{:02}","fee":"{}.00"}},"#,
            dice.below(40),
            40 * (1 + dice.below(40)),
            1 + dice.below(12),
            1 + dice.below(28),
            dice.below(40)
        )?;
    }
    let month = 1 + dice.below(12);
    write!(
        out,
        r#"{{"id":"u1","kind":"unit_training","from":"{year}-{month:02}-03","to":"{year}-{month:02}-05","days":"{}"}},"#,
        dice.pick(&["1", "2.5", "3"])
    )?;
    for a in 0..2 {
        let item = dice.pick(&ITEMS);
        let comma = if a == 0 { "," } else { "" };
        write!(
            out,
            r#"{{"id":"a{a}","kind":"activity","item":"{item}","title":"t{}","on":"{year}-{:02}-09","rank":{}}}{comma}"#,
            dice.below(9),
            1 + dice.below(12),
            1 + dice.below(4)
        )?;
    }
    let leave = if dice.below(20) == 0 {
        format!(r#"{{"kind":"sick","from":"{year}-01-01","to":"{year}-06-30"}}"#)
    } else {
        String::new()
    };
    writeln!(out, r#"],"leaves":[{leave}],"exemption":null,"make_up":null}}"#)
}
