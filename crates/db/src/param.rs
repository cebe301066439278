//! Parameters of a query: each domain type has one form in the databases, decided here.
use base::{Day, Fen, Hours, Id, Instant, Year, day};
pub use sea_orm::Value;

/// A value that can be bound to a placeholder.
pub trait Param {
    /// The bound form.
    fn param(&self) -> Value;
}

/// The parameters of a query, in the order of `$1`, `$2`, …
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::Param::param(&$value)),*] };
}

impl Param for str {
    fn param(&self) -> Value {
        Value::from(self)
    }
}
impl Param for String {
    fn param(&self) -> Value {
        Value::from(self.as_str())
    }
}
impl Param for i64 {
    fn param(&self) -> Value {
        Value::from(*self)
    }
}
impl Param for bool {
    fn param(&self) -> Value {
        Value::from(*self)
    }
}
impl Param for Vec<u8> {
    fn param(&self) -> Value {
        Value::from(self.clone())
    }
}
impl<Of> Param for Id<Of> {
    fn param(&self) -> Value {
        Value::from(self.to_string())
    }
}
impl Param for Hours {
    fn param(&self) -> Value {
        Value::from(self.hundredths())
    }
}
impl Param for Fen {
    fn param(&self) -> Value {
        Value::from(self.fen())
    }
}
/// Instants are milliseconds since 1970.
impl Param for Instant {
    fn param(&self) -> Value {
        Value::from(day::millis(*self))
    }
}
/// Days are `YYYY-MM-DD`.
impl Param for Day {
    fn param(&self) -> Value {
        Value::from(self.to_string())
    }
}
impl Param for Year {
    fn param(&self) -> Value {
        Value::from(i64::from(self.number()))
    }
}
impl<T: Param + ?Sized> Param for &T {
    fn param(&self) -> Value {
        (**self).param()
    }
}
impl<T: Param + Nullable> Param for Option<T> {
    fn param(&self) -> Value {
        self.as_ref().map_or_else(T::null, Param::param)
    }
}

/// Types whose absence is a typed NULL (PostgreSQL wants the type).
pub trait Nullable {
    /// NULL of this type.
    fn null() -> Value;
}

impl Nullable for i64 {
    fn null() -> Value {
        Value::BigInt(None)
    }
}
impl Nullable for Year {
    fn null() -> Value {
        Value::BigInt(None)
    }
}
impl Nullable for Instant {
    fn null() -> Value {
        Value::BigInt(None)
    }
}
impl Nullable for String {
    fn null() -> Value {
        Value::String(None)
    }
}
impl Nullable for &str {
    fn null() -> Value {
        Value::String(None)
    }
}
impl Nullable for Day {
    fn null() -> Value {
        Value::String(None)
    }
}
impl<Of> Nullable for Id<Of> {
    fn null() -> Value {
        Value::String(None)
    }
}
impl Nullable for Vec<u8> {
    fn null() -> Value {
        Value::Bytes(None)
    }
}
