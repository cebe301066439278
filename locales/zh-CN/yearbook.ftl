nav-yearbooks = 年度台账
page-yearbooks = 年度台账
error-yearbook_unchanged = 与上一次确认相比没有变化，不需要上报补充件。
action-yearbook-confirm = 确认年度台账
action-yearbook-receive = 接收年度台账
