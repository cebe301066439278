//! What the rules promise, tested from outside: worked cases, policies, records, learning time.
#[cfg(test)]
mod cases;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod learning;
#[cfg(test)]
mod on_the_way;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod records;
#[cfg(test)]
mod red_team;
#[cfg(test)]
mod wall_clock;
