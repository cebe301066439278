page-certificates = 培训合格证书
page-verify = 验证证书
staff-management = 管理人员
staff-professional = 专业技术人员
staff-worker = 工勤技能人员
error-not_satisfied = 这一年的学时还没有达到要求，暂不能生成证书。
error-exempt = 您这一年已免训，请使用免训证明。
