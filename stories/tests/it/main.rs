//! Stories over HTTP through the composed program, each on SQLite and on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]
mod access;
mod account_safety;
mod accounts;
mod activation;
mod appeals;
mod attendance;
mod audit_trail;
mod backup;
mod buying;
mod calendar;
mod certificate_states;
mod checkpoints;
mod cmi5;
mod commands;
mod contents;
mod corrections;
mod courses;
mod crash;
mod delegation;
mod desk_pages;
mod exemption;
mod files;
mod holdings;
mod hot;
mod intake;
mod invoices;
mod isolation;
mod isolation_inside;
mod january;
mod learning;
mod ledger;
mod linked;
mod load;
mod lock;
mod lock_nodes;
mod main_job;
mod money;
mod notices;
mod offline;
mod openid;
mod openid_client;
mod operations;
mod passkeys;
mod past;
mod people;
mod personnel;
mod phones;
mod policies;
mod privacy;
mod public_courses;
mod received;
mod recognition;
mod recognition_pages;
mod refunds;
mod reimbursement;
mod relations;
mod reports;
mod roles;
mod roster;
mod rotation;
mod school;
mod seats;
mod security;
mod seed;
mod settlement;
mod snapshots;
mod staffing;
mod statistics;
mod studying;
mod supervision;
mod support;
mod training_site;
mod units;
mod watching;
mod world;
mod wrong_providers;
mod xapi;
mod yearbook;
