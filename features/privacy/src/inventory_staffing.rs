//! The inventory's part about people who come, move and leave, and about what is handed over.

use crate::holding::{Holding, Kept, Whose};

/// What is kept of transfers, merged records, posts, corrections, activation and delegation.
pub const STAFFING: &[Holding] = &[
    Holding {
        table: "transfers",
        whose: Whose::Person("person_id"),
        kept: Kept::Ledger,
        open: &[
            "from_unit",
            "to_unit",
            "to_department",
            "from_day",
            "state",
            "is_forced",
            "reason",
            "asked_at",
            "decided_at",
            "comment",
        ],
        sealed: &[],
        inner: &["id", "person_id", "asked_by", "decided_by"],
    },
    Holding {
        table: "person_merges",
        whose: Whose::Person("kept_id"),
        kept: Kept::Ledger,
        open: &["reason", "credits", "merged_at"],
        sealed: &[],
        inner: &["id", "kept_id", "gone_id", "merged_by"],
    },
    Holding {
        table: "posts",
        whose: Whose::Person("person_id"),
        kept: Kept::Ledger,
        open: &[
            "kind",
            "unit_id",
            "title",
            "category",
            "level",
            "from_day",
            "until_day",
            "recorded_at",
            "ended_at",
        ],
        sealed: &[],
        inner: &["id", "person_id", "recorded_by", "ended_by"],
    },
    Holding {
        table: "corrections",
        whose: Whose::Person("person_id"),
        kept: Kept::Ledger,
        open: &["state", "fields", "reason", "asked_at", "decided_at", "comment"],
        sealed: &[("wanted_sealed", "wanted", "corrections.wanted:")],
        inner: &["id", "person_id", "asked_by", "decided_by"],
    },
    Holding {
        table: "activations",
        whose: Whose::Account("account_id"),
        kept: Kept::Safety("issued_at"),
        open: &["channel", "issued_at", "expires_at", "used_at", "ended_at"],
        sealed: &[],
        inner: &["id", "account_id", "code_mac", "issued_by"],
    },
    Holding {
        table: "delegations",
        whose: Whose::Person("from_person"),
        kept: Kept::Ledger,
        open: &["from_day", "until_day", "reason", "made_at", "ended_at"],
        sealed: &[],
        inner: &["id", "grant_id", "from_person", "to_person"],
    },
];
