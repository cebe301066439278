//! The navigation of the management platform: what stands where, and who sees it.
use base::Role;
use site::{Menu, MenuEntry, MenuGroup};

const ADMINISTRATORS: &[Role] = &[Role::UnitAdmin, Role::Authority];
const OVERSEERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Auditor];
const REVIEWERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Reviewer];
const SUPERVISORS: &[Role] = &[Role::Authority, Role::Auditor];
const SETTLERS: &[Role] = &[Role::Authority, Role::Auditor, Role::Provider];
const OVERSEERS_OF_PROVIDERS: &[Role] = &[Role::Authority, Role::Support, Role::Auditor, Role::SystemAdmin];
const PAST_READERS: &[Role] =
    &[Role::UnitAdmin, Role::DepartmentHead, Role::Hr, Role::Authority, Role::Auditor];
const PERSONNEL: &[Role] = &[Role::Hr, Role::UnitAdmin, Role::Authority];
const FEE_DECIDERS: &[Role] = &[Role::DepartmentHead, Role::UnitAdmin, Role::Hr, Role::Finance];
const INVOICE_KEEPERS: &[Role] = &[Role::UnitAdmin, Role::Finance];
const BOOK_READERS: &[Role] = &[Role::Finance, Role::UnitAdmin, Role::Authority, Role::Auditor];

const BREACH_REPORTERS: &[Role] = &[Role::Auditor, Role::SystemAdmin];
const ACCOUNT_HELPERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Support, Role::SystemAdmin];

/// Whoever works for others gets the list on the left.
const DESKS: &[Role] = &[
    Role::UnitAdmin,
    Role::Authority,
    Role::Reviewer,
    Role::Hr,
    Role::Finance,
    Role::Support,
    Role::Auditor,
    Role::SystemAdmin,
    Role::Provider,
];

fn entry(href: &'static str, label: &'static str, icon: &'static str, roles: &'static [Role]) -> MenuEntry {
    MenuEntry { href, label, icon, roles }
}

/// The list for administrators, the staff's four places, and what staff find beside them.
pub fn hub() -> Menu {
    Menu {
        side: vec![
            start(),
            people(),
            hours(),
            progress(),
            papers(),
            money(),
            platforms(),
            oversight(),
            own(),
        ],
        bar: vec![
            entry("/", "nav-home", "home", &[]),
            entry("/courses", "nav-courses", "book-2", &[]),
            entry("/hours", "nav-hours", "list-details", &[]),
            entry("/me/profile", "nav-me", "user", &[]),
        ],
        side_roles: DESKS,
        account: "/me/account",
        aside: beside(),
    }
}

fn start() -> MenuGroup {
    MenuGroup {
        label: "",
        is_kept_open: true,
        entries: vec![
            entry("/", "nav-desk", "layout-dashboard", ADMINISTRATORS),
            entry("/support", "nav-support", "headset", &[Role::Support]),
            entry("/provider", "nav-provider", "school", &[Role::Provider]),
            entry("/reviews", "nav-reviews", "clipboard-check", REVIEWERS),
            entry("/search", "nav-search", "search", &[]),
            entry("/notices", "nav-notices", "file-text", &[]),
            entry("/messages", "nav-messages", "mail", &[]),
            entry("/me/calendar", "nav-calendar", "calendar", &[]),
        ],
    }
}

/// The own year: whoever works for others learns too. Under the work for others and kept open, because the notice sends everyone to 申请活动学时.
fn own() -> MenuGroup {
    MenuGroup {
        label: "nav-group-own",
        is_kept_open: true,
        entries: vec![
            entry("/me", "nav-my-year", "home", &[]),
            entry("/claims", "nav-claims", "file-plus", &[]),
            entry("/hours", "nav-hours", "list-details", &[]),
            entry("/exemptions", "nav-exemptions", "calendar-off", &[]),
            entry("/certificates", "nav-certificates", "certificate", &[]),
            entry("/reimbursements", "nav-reimbursements", "receipt", &[]),
            entry("/standard", "nav-standard", "list-numbers", &[]),
        ],
    }
}

/// People coming, moving and leaving.
fn people() -> MenuGroup {
    group(
        "nav-group-people",
        vec![
            entry("/people", "nav-people", "users", ADMINISTRATORS),
            entry("/people-import", "nav-import", "upload", ADMINISTRATORS),
            entry("/activations", "nav-activations", "user-check", ADMINISTRATORS),
            entry("/locked-accounts", "nav-locked", "lock", ACCOUNT_HELPERS),
            entry("/units", "nav-units", "building", ADMINISTRATORS),
            entry("/transfers", "nav-transfers", "arrows-exchange", ADMINISTRATORS),
            entry("/corrections", "nav-corrections", "edit", ADMINISTRATORS),
            entry("/guests", "nav-guests", "briefcase", &[Role::Hr]),
            entry("/retirements", "nav-retirements", "calendar", &[Role::Hr]),
        ],
    )
}

fn hours() -> MenuGroup {
    group(
        "nav-group-hours",
        vec![
            entry("/policies", "nav-policies", "gavel", &[Role::Authority]),
            entry("/trainings", "nav-trainings", "school", ADMINISTRATORS),
            entry("/attendances", "nav-attendances", "qrcode", ADMINISTRATORS),
            entry("/inductions", "nav-inductions", "school", PERSONNEL),
            entry("/incidents", "nav-incidents", "alert-triangle", &[Role::Authority]),
            entry("/legacy-import", "nav-legacy-import", "history", PERSONNEL),
        ],
    )
}

fn progress() -> MenuGroup {
    group(
        "nav-group-progress",
        vec![
            entry("/statistics", "nav-statistics", "chart-bar", OVERSEERS),
            entry("/supervision", "nav-supervision", "speakerphone", ADMINISTRATORS),
            entry("/yearbooks", "nav-yearbooks", "clipboard-list", OVERSEERS),
            entry("/past", "nav-past", "history", PAST_READERS),
        ],
    )
}

fn papers() -> MenuGroup {
    group(
        "nav-group-papers",
        vec![
            entry("/certificates/print", "nav-print", "printer", PERSONNEL),
            entry("/certificates/seals", "nav-seals", "rubber-stamp", &[Role::Authority]),
            entry("/checks", "nav-checks", "clipboard-check", PERSONNEL),
            entry("/verify", "nav-verify", "shield-check", &[]),
        ],
    )
}

fn money() -> MenuGroup {
    group(
        "nav-group-money",
        vec![
            entry("/reimbursements/queue", "nav-reimbursement-queue", "receipt", FEE_DECIDERS),
            entry("/reimbursements/books", "nav-reimbursement-books", "report-money", BOOK_READERS),
            entry("/invoice-title", "nav-invoice-title", "receipt", INVOICE_KEEPERS),
            entry("/settlements", "nav-settlements", "building-bank", SETTLERS),
        ],
    )
}

fn platforms() -> MenuGroup {
    group(
        "nav-group-platforms",
        vec![
            entry("/providers", "nav-providers", "school", OVERSEERS_OF_PROVIDERS),
            entry("/provider-outbox", "nav-provider-outbox", "send", &[Role::Support, Role::SystemAdmin]),
        ],
    )
}

/// What authority and auditors keep an eye on, and the running of the system.
fn oversight() -> MenuGroup {
    group(
        "nav-group-oversight",
        vec![
            entry("/signals", "nav-signals", "flag", &[Role::Authority]),
            entry("/spot-checks", "nav-spot-checks", "list-check", SUPERVISORS),
            entry("/inspections", "nav-inspections", "package", SUPERVISORS),
            entry("/audit", "nav-audit", "shield-search", OVERSEERS),
            entry("/privacy/breach-report", "nav-breach", "shield-lock", BREACH_REPORTERS),
            entry("/jobs", "nav-jobs", "clock-hour-4", &[Role::SystemAdmin]),
        ],
    )
}

fn group(label: &'static str, entries: Vec<MenuEntry>) -> MenuGroup {
    MenuGroup { label, is_kept_open: false, entries }
}

/// What staff find on the left beside the bar.
fn beside() -> Vec<MenuEntry> {
    vec![
        entry("/search", "nav-search", "search", &[]),
        entry("/notices", "nav-notices", "file-text", &[]),
        entry("/messages", "nav-messages", "mail", &[]),
        entry("/me/calendar", "nav-calendar", "calendar", &[]),
        entry("/supervision", "nav-supervision", "speakerphone", &[Role::DepartmentHead]),
        entry("/reviews", "nav-reviews", "clipboard-check", &[Role::DepartmentHead]),
        entry("/attendances", "nav-attendances", "qrcode", &[Role::DepartmentHead]),
        entry("/claims", "nav-claims", "file-plus", &[]),
        entry("/hours", "nav-hours", "list-details", &[]),
        entry("/exemptions", "nav-exemptions", "calendar-off", &[]),
        entry("/standard", "nav-standard", "list-numbers", &[]),
        entry("/certificates", "nav-certificates", "certificate", &[]),
        entry("/reimbursements", "nav-reimbursements", "receipt", &[]),
    ]
}
