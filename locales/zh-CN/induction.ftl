nav-inductions = 岗前转岗培训
page-inductions = 岗前、转岗培训
induction-entry = 岗前培训
induction-transfer = 转岗培训
field-induction_text = 请填写，名称不超过 100 字，依据不超过 120 字
field-induction_hours = 学时应大于 0，每天不超过 12 学时
action-induction-record = 登记岗前、转岗培训
