//! The one program: configuration, the list of features, the commands, the demo.
pub mod cli;
pub mod compose;
pub mod config;
mod config_mail;
mod config_money;
pub mod demo;
pub mod enrol;
pub mod gateway;
pub mod health;
mod menu;
pub mod openapi;
pub mod serve;
