//! The part of the configuration that says what the bank takes.
use serde::Deserialize;

use crate::config::Switch;

/// The payment file for the bank.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payments {
    /// Its columns with commas between: `place`, `account`, `name`, `bank`, `amount`, `fen`, `remark`, `staff_no`, `claim`.
    pub columns: PaymentColumns,
    /// What parts the columns: one character, or `tab`.
    pub separator: Separator,
    /// Whether a line of headings comes first.
    pub head: Switch,
    /// `gb18030` or `utf8`.
    pub encoding: reimbursement::Encoding,
}

/// Columns as the configuration writes them.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct PaymentColumns(Vec<reimbursement::Column>);

impl TryFrom<String> for PaymentColumns {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let read = reimbursement::columns(&text);
        read.map(Self).map_err(|_| format!("payments.columns: {text} names an unknown column"))
    }
}

/// One character.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Separator(char);

impl TryFrom<String> for Separator {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let mut all = text.chars();
        match (text.as_str(), all.next(), all.next()) {
            ("tab", ..) => Ok(Self('\t')),
            (_, Some(one), None) => Ok(Self(one)),
            _ => Err("payments.separator: one character, or tab".into()),
        }
    }
}

impl Default for Payments {
    fn default() -> Self {
        let format = reimbursement::Format::default();
        Self {
            columns: PaymentColumns(format.columns),
            separator: Separator(format.separator),
            head: Switch::On,
            encoding: format.encoding,
        }
    }
}

impl Payments {
    /// As the slice takes it.
    pub fn format(&self) -> reimbursement::Format {
        reimbursement::Format {
            columns: self.columns.0.clone(),
            separator: self.separator.0,
            head: self.head == Switch::On,
            encoding: self.encoding,
        }
    }
}
