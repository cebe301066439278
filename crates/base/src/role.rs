//! Who may act where: roles held at places of the unit tree (domain §6, contract "Roles").
use serde::{Deserialize, Serialize};

use crate::{PersonId, SessionId, UnitId, person::Code};

/// The contract's eleven roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
