//! Who may act where: roles held at places of the unit tree (domain §6, contract "Roles").
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{PersonId, SessionId, UnitId, person::Code};

/// The contract's eleven roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 职工
    Staff,
    /// 部门负责人
    DepartmentHead,
    /// 单位管理员
    UnitAdmin,
    /// 审核员
    Reviewer,
    /// 人事
    Hr,
    /// 财务
    Finance,
    /// 主管部门、人社部门
    Authority,
    /// 培训机构
    Provider,
    /// 客服
    Support,
    /// 审计
    Auditor,
    /// 系统管理员
    SystemAdmin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 11] = [
        Self::Staff,
        Self::DepartmentHead,
        Self::UnitAdmin,
        Self::Reviewer,
        Self::Hr,
        Self::Finance,
        Self::Authority,
        Self::Provider,
        Self::Support,
        Self::Auditor,
        Self::SystemAdmin,
    ];

    /// How far a role reaches: one gives, resets and unlocks only what ranks below. Customer service ranks above those
    /// who manage nobody, so that administrators are helped by the level above them.
    const fn rank(self) -> u8 {
        match self {
            Self::Staff => 0,
            Self::DepartmentHead => 1,
            Self::Reviewer | Self::Hr | Self::Finance => 2,
            Self::Support | Self::Provider => 3,
            Self::UnitAdmin => 4,
            Self::Auditor => 5,
            Self::Authority => 6,
            Self::SystemAdmin => 7,
        }
    }

    /// Roles that the holder gives within the own subtree. The system administrator gives the technical ones and
    /// seats the authorities; nobody else makes auditors, providers' people or customer service.
    const fn may_be_given_by(self, giver: Self) -> bool {
        match self {
            Self::Staff | Self::DepartmentHead | Self::Reviewer | Self::Hr | Self::Finance => {
                matches!(giver, Self::UnitAdmin | Self::Authority)
            }
            Self::UnitAdmin => matches!(giver, Self::Authority),
            Self::Authority => matches!(giver, Self::Authority | Self::SystemAdmin),
            Self::Support | Self::Provider | Self::Auditor => matches!(giver, Self::SystemAdmin),
            Self::SystemAdmin => false,
        }
    }

    /// Whether the role manages others and so is bound by the shorter absolute session (security item 3).
    pub fn is_administrative(self) -> bool {
        !matches!(self, Self::Staff | Self::DepartmentHead)
    }
}

impl Code for Role {}

/// A role held at a unit, valid for the unit's subtree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it is held.
    pub unit: UnitId,
    /// The unit's code.
    pub unit_code: String,
    /// The unit's path, `/43/430100/43010001/`: codes from the root, each followed by `/`.
    pub path: String,
    /// On behalf of whom it is used: a role handed over for the days of a leave.
    pub behalf: Option<PersonId>,
}

/// Who acts: a signed-in person with the roles held.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The person.
    pub person: PersonId,
    /// The session that acts.
    pub session: SessionId,
    /// The roles held, each at its place.
    pub grants: Vec<Grant>,
}

impl Actor {
    /// Whether one of the roles is held anywhere.
    pub fn has(&self, roles: &[Role]) -> bool {
        self.grants.iter().any(|g| roles.contains(&g.role))
    }

    /// Whether every one of the grants ranks below one that the actor holds above it or at the same place; between
    /// authorities the higher place decides.
    pub fn outranks(&self, others: &[Grant]) -> bool {
        others.iter().all(|other| self.grants.iter().any(|own| is_above(own, other.role, &other.path)))
    }

    /// Whether the actor may give the role at the place: within the subtree and below the own rank (contract).
    pub fn may_give(&self, role: Role, path: &str) -> bool {
        self.grants.iter().any(|own| role.may_be_given_by(own.role) && is_above(own, role, path))
    }

    /// Whether the actor uses a role on behalf of that person: then the two are one in every decision.
    pub fn acts_for(&self, person: PersonId) -> bool {
        self.grants.iter().any(|g| g.behalf == Some(person))
    }

    /// The subtrees where one of the roles is held.
    pub fn scope(&self, roles: &[Role]) -> Scope {
        Scope {
            paths: self.grants.iter().filter(|g| roles.contains(&g.role)).map(|g| g.path.clone()).collect(),
        }
    }
}

/// A set of subtrees, named by unit paths. Every list query takes one.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scope {
    /// Paths ending in `/`, so that unit `12` never matches `120`.
    pub paths: Vec<String>,
}

impl Scope {
    /// Whether the unit at `path` lies in one of the subtrees.
    pub fn holds(&self, path: &str) -> bool {
        self.paths.iter().any(|p| path.starts_with(p.as_str()))
    }
}

fn is_above(own: &Grant, role: Role, path: &str) -> bool {
    let is_lower_place = path.len() > own.path.len();
    let ranks_below = role.rank() < own.role.rank()
        || (role == Role::Authority && own.role == Role::Authority && is_lower_place);
    ranks_below && path.starts_with(&own.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Id, SystemClock, SystemRandom};

    fn grant(role: Role, path: &str) -> Grant {
        let unit = Id::new(&SystemClock, &SystemRandom);
        Grant { role, unit, unit_code: String::new(), path: path.to_owned(), behalf: None }
    }

    fn actor(role: Role, path: &str) -> Actor {
        let (person, session) = (Id::new(&SystemClock, &SystemRandom), Id::new(&SystemClock, &SystemRandom));
        Actor { person, session, grants: vec![grant(role, path)] }
    }

    #[test]
    fn roles_are_given_within_the_subtree_and_below_the_own_rank() {
        let admin = actor(Role::UnitAdmin, "/43/1/");
        assert!(admin.may_give(Role::Reviewer, "/43/1/") && admin.may_give(Role::Hr, "/43/1/2/"));
        assert!(!admin.may_give(Role::Reviewer, "/43/2/") && !admin.may_give(Role::Reviewer, "/43/"));
        assert!(!admin.may_give(Role::UnitAdmin, "/43/1/"), "the own rank");
        assert!(!admin.may_give(Role::Auditor, "/43/1/") && !admin.may_give(Role::SystemAdmin, "/43/1/"));
        let authority = actor(Role::Authority, "/43/");
        assert!(
            authority.may_give(Role::UnitAdmin, "/43/1/") && authority.may_give(Role::Authority, "/43/1/")
        );
        assert!(!authority.may_give(Role::Authority, "/43/"), "the own place");
        assert!(actor(Role::SystemAdmin, "/43/").may_give(Role::Auditor, "/43/"));
        assert!(!actor(Role::Support, "/43/").may_give(Role::Staff, "/43/"));
    }

    #[test]
    fn nobody_helps_an_equal_or_higher_account() {
        let admin = actor(Role::UnitAdmin, "/43/1/");
        assert!(admin.outranks(&[]) && admin.outranks(&[grant(Role::Finance, "/43/1/")]));
        assert!(!admin.outranks(&[grant(Role::UnitAdmin, "/43/1/")]));
        assert!(!admin.outranks(&[grant(Role::Finance, "/43/1/"), grant(Role::Hr, "/43/2/")]));
        assert!(actor(Role::Authority, "/43/").outranks(&[grant(Role::UnitAdmin, "/43/1/")]));
    }
}
