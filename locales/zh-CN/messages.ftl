nav-messages = 消息
page-messages = 消息
message-reminder = 培训提醒
message-step = 年度截止提醒
message-behind = 督促提醒
message-notice = 通知
