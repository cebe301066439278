//! Assessments a second on one core for records of 12 credits: the rule alone, and with JSON in and out.
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rules::assess::run_line;
use rules::policy::{self, Policy};
use rules::{assess, record};

fn line() -> String {
    let courses = (0..9).map(|i| {
        let subject = if i < 3 { "public" } else { "professional" };
        format!(
            r#"{{"id":"c{i}","kind":"course","provider":"webtrn","course":"HN2023-Z-{i}","subject":"{subject}","minutes":{},"completed_on":"2023-{:02}-17","fee":"16.00"}}"#,
            160 + i,
            12 - i
        )
    });
    let rest = [
        r#"{"id":"u1","kind":"unit_training","from":"2023-08-30","to":"2023-09-01","days":"3"}"#,
        r#"{"id":"a1","kind":"activity","item":"paper.core","title":"论文","on":"2023-06-01","rank":2,"evidence":"sha256:0a"}"#,
        r#"{"id":"a2","kind":"activity","item":"training.external","title":"培训","quantity":"2","on":"2023-05-01"}"#,
    ];
    let credits: Vec<String> = courses.chain(rest.map(str::to_owned)).collect();
    format!(
        r#"{{"id":"r1","year":2023,"person":{{"name":"李某","gender":"female","birth_date":"1980-05-01","category":"professional","level":"professional_10","retirement":"cadre","joined_on":"2010-07-01","status":"on_post"}},"credits":[{}],"leaves":[],"exemption":null,"make_up":null}}"#,
        credits.join(",")
    )
}

fn bench(c: &mut Criterion) {
    let Some(policy) = policy::delivered().first().and_then(|(_, text)| Policy::load(text).ok()) else {
        return;
    };
    let line = line();
    let Ok(record) = record::read(&line, &policy) else { return };
    let mut group = c.benchmark_group("twelve credits");
    group.throughput(Throughput::Elements(1));
    group.bench_function("assess", |b| b.iter(|| assess(&policy, black_box(&record))));
    let mut out = Vec::with_capacity(4096);
    group.bench_function("line of JSON in, line out", |b| {
        b.iter(|| {
            out.clear();
            run_line(&policy, 1, black_box(line.as_bytes()), &mut out)
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
