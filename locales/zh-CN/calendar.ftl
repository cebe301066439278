nav-calendar = 培训日历
page-calendar = 培训日历
calendar-name = 学时·培训日历
calendar-deadline = { $year } 年度培训截止
calendar-closes = { $year } 年度学时登记与报账截止
action-calendar-make = 生成日历订阅地址
action-calendar-end = 停用日历订阅
